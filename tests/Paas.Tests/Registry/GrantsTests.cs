using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The registry through the edge, which repeats what control granted: nobody may notice but by the clock.</summary>
public sealed class GrantsTests : IAsyncLifetime
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("0123456789 a small blob");

    private TestPaas _paas = null!;
    private HttpClient _edge = null!;
    private string _blob = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _paas = await TestPaas.StartAsync();
        _edge = _paas.RegistryClientOf(_paas.Services.GetRequiredService<Tokens>().Create(_paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id, "puller"));
        var digest = await PushBlob(Content);
        _blob = $"/v2/team/thing/blobs/{digest}";
    }

    public async ValueTask DisposeAsync()
    {
        _edge.Dispose();
        await _paas.DisposeAsync();
    }

    [Fact]
    public async Task A_repeated_answer_is_the_one_that_control_gave()
    {
        await PushManifest("1", "one");
        foreach (var path in new[] { _blob, "/v2/team/thing/manifests/1" })
        {
            using var first = await _edge.GetAsync(path, Cancellation);
            using var second = await _edge.GetAsync(path, Cancellation);
            using var head = await _edge.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancellation);
            var content = await first.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.NotEmpty(content);
            Assert.Equal(content, await second.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal(content.Length, head.Content.Headers.ContentLength);
            Assert.Equal(HeadersOf(first), HeadersOf(second));
            Assert.DoesNotContain(HeadersOf(second), header => header.StartsWith("Paas-", StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>Control is not asked twice: it is gone by then.</summary>
    [Fact]
    public async Task A_granted_answer_needs_no_control()
    {
        using (await _edge.GetAsync(_blob, Cancellation))
        {
        }

        await _paas.App.StopAsync(Cancellation);
        Assert.Equal(Content, await _edge.GetByteArrayAsync(_blob, Cancellation));
    }

    [Theory]
    [InlineData("bytes=0-9", 206, "bytes 0-9/23", 10)]
    [InlineData("bytes=99-", 416, "bytes */23", 0)]
    public async Task A_part_of_a_granted_blob_can_be_asked_for(string range, int status, string contentRange, int length)
    {
        using (await _edge.GetAsync(_blob, Cancellation))
        {
        }

        var request = new HttpRequestMessage(HttpMethod.Get, _blob);
        request.Headers.TryAddWithoutValidation("Range", range);
        using var response = await _edge.SendAsync(request, Cancellation);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentRange, response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(length, (await response.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    [Fact]
    public async Task A_tag_that_moves_is_seen_at_once()
    {
        await PushManifest("latest", "one");
        for (var round = 0; round < 20; round++)
        {
            var digest = await PushManifest("latest", $"round {round}");
            using var response = await _edge.GetAsync("/v2/team/thing/manifests/latest", Cancellation);
            Assert.Equal(digest, Assert.Single(response.Headers.GetValues("Docker-Content-Digest")));
        }
    }

    [Fact]
    public async Task A_tag_that_is_deleted_is_gone_at_once()
    {
        await PushManifest("gone", "one");
        Assert.Equal(HttpStatusCode.OK, await Status(_edge, "/v2/team/thing/manifests/gone"));
        Assert.Equal(HttpStatusCode.OK, await Status(_edge, "/v2/team/thing/manifests/gone"));
        using var deleted = await _edge.DeleteAsync("/v2/team/thing/manifests/gone", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await Status(_edge, "/v2/team/thing/manifests/gone"));
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once()
    {
        var (tokens, user) = (_paas.Services.GetRequiredService<Tokens>(), _paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id);
        for (var round = 0; round < 5; round++)
        {
            using var client = _paas.RegistryClientOf(tokens.Create(user, "short"));
            Assert.Equal(HttpStatusCode.OK, await Status(client, _blob));
            Assert.Equal(HttpStatusCode.OK, await Status(client, _blob));
            tokens.Revoke(user, "short");
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(client, _blob));
        }
    }

    [Fact]
    public async Task What_one_may_read_another_may_not()
    {
        Assert.Equal(HttpStatusCode.OK, await Status(_edge, _blob));
        using var nobody = _paas.RegistryClientOf(null);
        using var wrong = _paas.RegistryClientOf("paas_" + new string('x', Secret.Letters));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(nobody, _blob));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(wrong, _blob));
        Assert.Equal(HttpStatusCode.OK, await Status(_edge, _blob));
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancellation);
        return response.StatusCode;
    }

    private static string[] HeadersOf(HttpResponseMessage response) =>
        [.. response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal)];

    private async Task<Digest> PushBlob(byte[] content)
    {
        var digest = Digest.Of(content);
        using var pushed = await _edge.PostAsync($"/v2/team/thing/blobs/uploads/?digest={digest}", new ByteArrayContent(content), Cancellation);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        return digest;
    }

    /// <summary>Its digest.</summary>
    private async Task<string> PushManifest(string tag, string note)
    {
        var config = await PushBlob("{}"u8.ToArray());
        var content = new StringContent($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{config}}}","size":2},"layers":[],"annotations":{"note":"{{{note}}}"}}""");
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Manifest);
        using var put = await _edge.PutAsync($"/v2/team/thing/manifests/{tag}", content, Cancellation);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        return Assert.Single(put.Headers.GetValues("Docker-Content-Digest"));
    }
}
