using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry.Conformance;

/// <summary>distribution-spec v1.1, "Pushing blobs", every way with both algorithms.</summary>
public sealed class PushTests(ConformanceRegistry registry) : IClassFixture<ConformanceRegistry>
{
    private const int Chunk = 1024;

    private readonly string _repository = ConformanceRegistry.NewRepository();

    // Three chunks, the last one shorter.
    private readonly byte[] _content = RandomNumberGenerator.GetBytes((3 * Chunk) - 5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Ways => [.. from way in new[] { "post", "post+put", "stream", "one chunk", "chunks", "chunks+put" } from algorithm in new[] { "sha256", "sha512", "sha512 told" } select (way, algorithm)];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_blob_is_pushed(string way, string algorithm)
    {
        using var done = await Upload(way, algorithm, _content, DigestOf(algorithm));
        var digest = DigestOf(algorithm);
        Assert.Equal((HttpStatusCode.Created, $"/v2/{_repository}/blobs/{digest}"), (done.StatusCode, done.Headers.Location!.ToString()));
        Assert.Equal(digest.ToString(), done.Headers.GetValues("Docker-Content-Digest").Single());
        await registry.BlobIsThere(_repository, _content, algorithm[..6]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_blob_that_is_not_what_its_digest_says_is_refused(string way, string algorithm)
    {
        var digest = DigestOf(algorithm);
        using var refused = await Upload(way, algorithm, [.. _content, .. "oh no"u8], digest);
        Assert.Equal("400 DIGEST_INVALID", await refused.Error());
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("HEAD", $"/v2/{_repository}/blobs/{digest}"));
    }

    [Theory]
    [InlineData("PATCH", "sha256")]
    [InlineData("PUT", "sha256")]
    [InlineData("PATCH", "sha512")]
    [InlineData("PUT", "sha512")]
    public async Task A_chunk_out_of_order_is_refused_and_the_session_lives_at_its_old_address(string last, string algorithm)
    {
        var digest = DigestOf(algorithm);
        var first = await registry.StartUpload(_repository);
        for (var start = 0; start < _content.Length; start += Chunk)
        {
            foreach (var wrong in new[] { start + Chunk, 0, start + 1 }.Where(wrong => wrong != start && wrong < _content.Length))
            {
                var isEnd = wrong + Chunk >= _content.Length && last == "PUT";
                using var refused = await SendChunk(isEnd ? "PUT" : "PATCH", isEnd ? $"{first}?digest={digest}" : first, wrong);
                Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
                Assert.Equal(first, refused.Headers.Location!.ToString());
                using var status = await registry.Send("GET", first);
                Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
                Assert.Equal(Range(start), status.Headers.GetValues("Range").Single());
                Assert.Equal(first, status.Headers.Location!.ToString());
            }

            var isLast = start + Chunk >= _content.Length;
            using var taken = await SendChunk(isLast ? last : "PATCH", isLast && last == "PUT" ? $"{first}?digest={digest}" : first, start);
            Assert.Equal(isLast && last == "PUT" ? HttpStatusCode.Created : HttpStatusCode.Accepted, taken.StatusCode);
            if (taken.StatusCode == HttpStatusCode.Accepted)
            {
                Assert.Equal(Range(Math.Min(start + Chunk, _content.Length)), taken.Headers.GetValues("Range").Single());
            }
        }

        if (last == "PATCH")
        {
            (await registry.Send("PUT", $"{first}?digest={digest}", [])).Dispose();
        }

        await registry.BlobIsThere(_repository, _content, algorithm);
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone()
    {
        var location = await registry.StartUpload(_repository);
        Assert.Equal(HttpStatusCode.NoContent, await registry.Status("DELETE", location));
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("GET", location));
        using var late = await registry.Send("PUT", $"{location}?digest={DigestOf("sha256")}", _content);
        Assert.Equal("404 BLOB_UPLOAD_UNKNOWN", await late.Error());
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task A_blob_of_another_repository_is_mounted_named_or_not(string algorithm)
    {
        var digest = await registry.Push(_repository, _content, algorithm);
        foreach (var from in new[] { $"&from={Uri.EscapeDataString(_repository)}", "" })
        {
            var target = ConformanceRegistry.NewRepository();
            using var mounted = await registry.Send("POST", $"/v2/{target}/blobs/uploads/?mount={Uri.EscapeDataString(digest.ToString())}{from}", []);
            Assert.Equal((HttpStatusCode.Created, $"/v2/{target}/blobs/{digest}"), (mounted.StatusCode, mounted.Headers.Location!.ToString()));
            await registry.BlobIsThere(target, _content, algorithm);
        }
    }

    [Fact]
    public async Task A_mount_of_what_is_not_there_begins_an_upload()
    {
        var location = await registry.StartUpload(_repository, $"?mount={DigestOf("sha256")}&from=conformance/nothing");
        Assert.StartsWith($"/v2/{_repository}/blobs/uploads/", location, StringComparison.Ordinal);
        using var done = await registry.Send("PUT", $"{location}?digest={DigestOf("sha256")}", _content);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    [Fact]
    public async Task A_digest_that_is_none_is_refused_and_the_session_lives()
    {
        var location = await registry.StartUpload(_repository);
        foreach (var digest in new[] { "sha256:baddigeststring", "md5:900150983cd24fb0d6963f7d28e17f72", "" })
        {
            using var refused = await registry.Send("PUT", $"{location}?digest={digest}", _content);
            Assert.Equal("400 DIGEST_INVALID", await refused.Error());
        }

        using var done = await registry.Send("PUT", $"{location}?digest={DigestOf("sha256")}", _content);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    private static string Range(int offset) => string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, offset - 1)}");

    private Digest DigestOf(string algorithm) => ConformanceRegistry.DigestOf(_content, algorithm[..6]);

    private Task<HttpResponseMessage> SendChunk(string method, string location, int start, byte[]? content = null)
    {
        var all = content ?? _content;
        var end = Math.Min(start + Chunk, all.Length);
        return registry.Send(method, location, all[start..end], "Content-Type: application/octet-stream", string.Create(CultureInfo.InvariantCulture, $"Content-Range: {start}-{end - 1}"));
    }

    private async Task<HttpResponseMessage> Upload(string way, string algorithm, byte[] content, Digest digest)
    {
        var query = $"digest={Uri.EscapeDataString(digest.ToString())}";
        if (way == "post")
        {
            return await registry.Send("POST", $"/v2/{_repository}/blobs/uploads/?{query}", content);
        }

        var location = await registry.StartUpload(_repository, algorithm.EndsWith("told", StringComparison.Ordinal) ? "?digest-algorithm=sha512" : "");
        if (way == "post+put")
        {
            return await registry.Send("PUT", $"{location}?{query}", content);
        }

        if (way == "stream")
        {
            // As docker sends it: chunked encoding, no Content-Type, no Content-Range.
            using var streamed = await registry.Client.SendAsync(
                new HttpRequestMessage(HttpMethod.Patch, location) { Content = new ByteArrayContent(content), Headers = { TransferEncodingChunked = true } }, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, streamed.StatusCode);
            return await registry.Send("PUT", $"{location}?{query}", []);
        }

        for (var start = 0; start < content.Length; start += Chunk)
        {
            if (way == "one chunk")
            {
                using var whole = await registry.Send("PATCH", location, content, string.Create(CultureInfo.InvariantCulture, $"Content-Range: 0-{content.Length - 1}"));
                Assert.Equal(HttpStatusCode.Accepted, whole.StatusCode);
                break;
            }

            if (way == "chunks+put" && start + Chunk >= content.Length)
            {
                return await SendChunk("PUT", $"{location}?{query}", start, content);
            }

            using var taken = await SendChunk("PATCH", location, start, content);
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
            location = taken.Headers.Location!.ToString();
        }

        return await registry.Send("PUT", $"{location}?{query}", []);
    }
}
