using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Paas.Oci;

namespace Paas.Registry;

public sealed class UploadEndpointsTests : IAsyncLifetime
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(number => (byte)(number * 7))];

    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Digested => $"digest={Uri.EscapeDataString(Digest.Of(Content).ToString())}";

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task One_post_with_the_digest_is_enough()
    {
        using var response = await _registry.Client.PostAsync($"/v2/hello/blobs/uploads/?{Digested}", new ByteArrayContent(Content), Cancellation);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await Stored();
    }

    [Fact]
    public async Task A_stream_and_an_empty_put_as_docker_sends_them()
    {
        var location = await Start();
        using var streamed = await Send(HttpMethod.Patch, location, Content);
        Assert.Equal((HttpStatusCode.Accepted, "0-99999", location), (streamed.StatusCode, Range(streamed), streamed.Headers.Location!.ToString()));
        using var done = await Send(HttpMethod.Put, $"{location}?{Digested}", []);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        await Stored();
    }

    [Fact]
    public async Task Chunks_go_in_order_and_the_address_stays()
    {
        var location = await Start();
        using var early = await Send(HttpMethod.Patch, location, Content[60_000..], "60000-99999");
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, location), (early.StatusCode, early.Headers.Location!.ToString()));
        using var first = await Send(HttpMethod.Patch, location, Content[..60_000], "0-59999");
        Assert.Equal((HttpStatusCode.Accepted, "0-59999"), (first.StatusCode, Range(first)));
        using var again = await Send(HttpMethod.Patch, location, Content[..60_000], "0-59999");
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, again.StatusCode);
        using var status = await _registry.Client.GetAsync(location, Cancellation);
        Assert.Equal((HttpStatusCode.NoContent, "0-59999", location), (status.StatusCode, Range(status), status.Headers.Location!.ToString()));
        using var wrongEnd = await Send(HttpMethod.Put, $"{location}?{Digested}", Content[60_000..], "70000-99999");
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, wrongEnd.StatusCode);
        using var done = await Send(HttpMethod.Put, $"{location}?{Digested}", Content[60_000..], "60000-99999");
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        await Stored();
        using var gone = await _registry.Client.GetAsync(location, Cancellation);
        Assert.Equal("404 BLOB_UPLOAD_UNKNOWN", await gone.Error());
    }

    [Fact]
    public async Task A_sha512_digest_is_answered_as_sha512()
    {
        var digest = Digest.FromHash(SHA512.HashData(Content));
        using var done = await Send(HttpMethod.Put, $"{await Start()}?digest={digest}", Content);
        Assert.Equal($"/v2/hello/blobs/{digest}", done.Headers.Location!.ToString());
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync(done.Headers.Location, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?digest-algorithm=sha256")]
    [InlineData("?digest-algorithm=sha512")]
    public async Task A_sha512_digest_is_good_in_every_way_of_upload(string algorithm)
    {
        var digest = Digest.FromHash(SHA512.HashData(Content));
        using var started = await _registry.Client.PostAsync($"/v2/hello/blobs/uploads/{algorithm}", null, Cancellation);
        var location = started.Headers.Location!.ToString();
        (await Send(HttpMethod.Patch, location, Content[..60_000], "0-59999")).Dispose();
        using var done = await Send(HttpMethod.Put, $"{location}?digest={digest}", Content[60_000..], "60000-99999");
        Assert.Equal(digest.ToString(), done.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync(done.Headers.Location, Cancellation));
        using var atOnce = await _registry.Client.PostAsync($"/v2/hello/other/blobs/uploads/?digest={digest}", new ByteArrayContent(Content), Cancellation);
        Assert.Equal($"/v2/hello/other/blobs/{digest}", atOnce.Headers.Location!.ToString());
        using var unknown = await _registry.Client.PostAsync("/v2/hello/blobs/uploads/?digest-algorithm=md5", null, Cancellation);
        Assert.Equal("400 DIGEST_INVALID", await unknown.Error());
    }

    [Theory]
    [InlineData("0-49", "400 SIZE_INVALID")]
    [InlineData("0-149", "400 SIZE_INVALID")]
    [InlineData("100-199", "416")]
    [InlineData("99-0", "400 BLOB_UPLOAD_INVALID")]
    [InlineData("bytes 0-99/100", "400 BLOB_UPLOAD_INVALID")]
    [InlineData("-1-99", "400 BLOB_UPLOAD_INVALID")]
    [InlineData("0-9223372036854775807", "400 BLOB_UPLOAD_INVALID")]
    public async Task A_wrong_chunk_leaves_the_session_as_it_was(string range, string expected)
    {
        var location = await Start();
        foreach (var (method, isStream) in new[] { (HttpMethod.Patch, false), (HttpMethod.Patch, true), (HttpMethod.Put, false) })
        {
            HttpContent body = isStream ? new StreamContent(new Unsized(Content[..100])) : new ByteArrayContent(Content[..100]);
            body.Headers.TryAddWithoutValidation("Content-Range", range);
            using var wrong = await _registry.Client.SendAsync(new HttpRequestMessage(method, method == HttpMethod.Put ? $"{location}?{Digested}" : location) { Content = body }, Cancellation);
            Assert.Equal(expected, (int)wrong.StatusCode == 416 ? "416" : await wrong.Error());
            using var status = await _registry.Client.GetAsync(location, Cancellation);
            Assert.Equal((HttpStatusCode.NoContent, "0-0"), (status.StatusCode, Range(status)));
        }

        (await Send(HttpMethod.Patch, location, Content[..100], "0-99")).Dispose();
        using var done = await Send(HttpMethod.Put, $"{location}?{Digested}", Content[100..], "100-99999");
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    [Fact]
    public async Task Content_that_is_not_what_the_digest_says_is_refused_in_every_way()
    {
        var wrong = Content[1..];
        using var atOnce = await _registry.Client.PostAsync($"/v2/hello/blobs/uploads/?{Digested}", new ByteArrayContent(wrong), Cancellation);
        Assert.Equal("400 DIGEST_INVALID", await atOnce.Error());
        using var put = await Send(HttpMethod.Put, $"{await Start()}?{Digested}", wrong);
        Assert.Equal("400 DIGEST_INVALID", await put.Error());
        using var malformed = await Send(HttpMethod.Put, $"{await Start()}?digest=sha256:x", wrong);
        Assert.Equal("400 DIGEST_INVALID", await malformed.Error());
        using var missing = await Send(HttpMethod.Put, await Start(), wrong);
        Assert.Equal("400 DIGEST_INVALID", await missing.Error());
        Assert.Empty(_registry.Blobs.All());
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone()
    {
        var location = await Start();
        using var cancelled = await _registry.Client.DeleteAsync(location, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        using var late = await Send(HttpMethod.Patch, location, Content);
        Assert.Equal("404 BLOB_UPLOAD_UNKNOWN", await late.Error());
    }

    [Fact]
    public async Task An_upload_belongs_to_its_repository()
    {
        var location = await Start();
        using var others = _registry.ClientOf(_registry.OtherToken);
        using var foreign = await others.GetAsync(location.Replace("/hello/", "/theirs/", StringComparison.Ordinal), Cancellation);
        Assert.Equal("404 BLOB_UPLOAD_UNKNOWN", await foreign.Error());
    }

    [Fact]
    public async Task A_mount_needs_the_right_to_read_its_source()
    {
        var digest = await _registry.Push("hello", Content);
        using var mounted = await _registry.Client.PostAsync($"/v2/hello/worker/blobs/uploads/?mount={digest}&from=hello", null, Cancellation);
        Assert.Equal((HttpStatusCode.Created, $"/v2/hello/worker/blobs/{digest}"), (mounted.StatusCode, mounted.Headers.Location!.ToString()));
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync(mounted.Headers.Location, Cancellation));

        using var anywhere = await _registry.Client.PostAsync($"/v2/alone/blobs/uploads/?mount={digest}", null, Cancellation);
        Assert.Equal((HttpStatusCode.Created, $"/v2/alone/blobs/{digest}"), (anywhere.StatusCode, anywhere.Headers.Location!.ToString()));
        using var others = _registry.ClientOf(_registry.OtherToken);
        foreach (var query in new[] { $"mount={digest}&from=hello", $"mount={digest}", $"mount={digest}&from=", $"mount={Digest.Of("x"u8)}&from=theirs" })
        {
            using var refused = await others.PostAsync($"/v2/theirs/blobs/uploads/?{query}", null, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, refused.StatusCode);
            Assert.StartsWith("/v2/theirs/blobs/uploads/", refused.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("&from=hello")]
    [InlineData("")]
    public async Task A_token_for_the_target_alone_is_told_what_a_mount_needs(string from)
    {
        var digest = await _registry.Push("hello", Content);
        var target = $"/v2/hello/worker/blobs/uploads/?mount={digest}{from}";
        using var narrow = await ClientFor("repository:hello/worker:pull,push");
        using var refused = await narrow.PostAsync(target, null, Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await refused.Error());
        Assert.Contains("scope=\"repository:hello/worker:pull,push repository:hello:pull\"", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        using var wide = await ClientFor("repository:hello/worker:pull,push repository:hello:pull");
        using var mounted = await wide.PostAsync(target, null, Cancellation);
        Assert.Equal(HttpStatusCode.Created, mounted.StatusCode);
    }

    private async Task<HttpClient> ClientFor(string scope)
    {
        using var answer = JsonDocument.Parse(await _registry.Client.GetStringAsync($"/v2/token?service=paas&scope={Uri.EscapeDataString(scope)}", Cancellation));
        var client = new HttpClient { BaseAddress = _registry.Url };
        client.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", answer.RootElement.GetProperty("token").GetString());
        return client;
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_leaves_what_arrived()
    {
        var location = await Start();
        using var broken = new CancellationTokenSource();
        var never = new StreamContent(new EndlessAfter(Content[..50_000], broken));
        await Assert.ThrowsAnyAsync<Exception>(() => _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Patch, location) { Content = never }, broken.Token));
        using var status = await _registry.Client.GetAsync(location, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
    }

    private async Task<string> Start()
    {
        using var response = await _registry.Client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal((HttpStatusCode.Accepted, "0-0"), (response.StatusCode, Range(response)));
        Assert.False(response.Headers.Location!.IsAbsoluteUri);
        return response.Headers.Location.ToString();
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string location, byte[] content, string? range = null)
    {
        var body = new ByteArrayContent(content);
        if (range is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Range", range);
        }

        return await _registry.Client.SendAsync(new HttpRequestMessage(method, location) { Content = body }, Cancellation);
    }

    private async Task Stored() =>
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{Digest.Of(Content)}", Cancellation));

    private static string Range(HttpResponseMessage response) => response.Headers.GetValues("Range").Single();

    /// <summary>A body whose length is not told.</summary>
    private sealed class Unsized(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Gives some bytes, then the client is cut off.</summary>
    private sealed class EndlessAfter(byte[] start, CancellationTokenSource broken) : MemoryStream(start)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                await broken.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return count;
        }

        public override bool CanSeek => false;
    }
}
