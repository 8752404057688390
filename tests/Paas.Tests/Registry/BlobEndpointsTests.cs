using System.Net;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

public sealed class BlobEndpointsTests : IAsyncLifetime
{
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(2048);
    private TestRegistry _registry = null!;
    private string _path = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync();
        _path = $"/v2/hello/blobs/{await _registry.Push("hello", _content)}";
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task Get_and_head_tell_length_and_digest()
    {
        using var get = await _registry.Client.GetAsync(_path, Cancellation);
        Assert.Equal(_content, await get.Content.ReadAsByteArrayAsync(Cancellation));
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, _path), Cancellation);
        foreach (var response in new[] { get, head })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(2048, response.Content.Headers.ContentLength);
            Assert.Equal(Digest.Of(_content).ToString(), response.Headers.GetValues("Docker-Content-Digest").Single());
            Assert.Equal($"\"{Digest.Of(_content)}\"", response.Headers.ETag!.Tag);
        }
    }

    [Theory]
    [InlineData("bytes=500-1499", 500, 1000)]
    [InlineData("bytes=500-", 500, 1548)]
    [InlineData("bytes=-500", 1548, 500)]
    [InlineData("bytes=2000-5000", 2000, 48)]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=-5000", 0, 2048)]
    public async Task A_range_is_answered_with_that_part(string range, int offset, int count)
    {
        using var response = await Get(range);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {offset}-{offset + count - 1}/2048", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(_content[offset..(offset + count)], await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("bytes=500-0")]
    [InlineData("bytes=5000-10000")]
    [InlineData("bytes=-0")]
    public async Task A_range_that_cannot_be_had_is_416(string range)
    {
        using var response = await Get(range);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal("bytes */2048", response.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=-")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=a-b")]
    public async Task A_range_that_is_not_understood_gets_everything(string range)
    {
        using var response = await Get(range);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(_content, await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task A_large_blob_and_an_empty_one_arrive_whole()
    {
        foreach (var content in new[] { RandomNumberGenerator.GetBytes(5_000_001), [] })
        {
            var digest = await _registry.Push("hello", content);
            Assert.Equal(content, await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{digest}", Cancellation));
        }
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_unknown_although_it_is_stored()
    {
        await _registry.Push("hello/other", "something else"u8.ToArray());
        using var response = await _registry.Client.GetAsync(_path.Replace("hello", "hello/other", StringComparison.Ordinal), Cancellation);
        Assert.Equal("404 BLOB_UNKNOWN", await response.Error());
        using var others = _registry.ClientOf(_registry.OtherToken);
        await _registry.Push("theirs", "x"u8.ToArray(), others);
        using var guessed = await others.GetAsync(_path.Replace("hello", "theirs", StringComparison.Ordinal), Cancellation);
        Assert.Equal("404 BLOB_UNKNOWN", await guessed.Error());
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_from_its_repository_only()
    {
        await _registry.Push("hello/other", _content);
        using var deleted = await _registry.Client.DeleteAsync(_path, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, _path), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        using var again = await _registry.Client.DeleteAsync(_path, Cancellation);
        Assert.Equal("404 BLOB_UNKNOWN", await again.Error());
        Assert.Equal(_content, await _registry.Client.GetByteArrayAsync(_path.Replace("hello", "hello/other", StringComparison.Ordinal), Cancellation));
    }

    [Fact]
    public async Task What_the_client_has_already_is_not_sent_again_and_a_range_of_other_content_is_no_range()
    {
        var tag = $"\"{Digest.Of(_content)}\"";
        foreach (var (header, value, expected) in new[] { ("If-None-Match", tag, 304), ("If-None-Match", "\"x\"", 206), ("If-Range", tag, 206), ("If-Range", "\"x\"", 200) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _path);
            request.Headers.TryAddWithoutValidation("Range", "bytes=0-9");
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await _registry.Client.SendAsync(request, Cancellation);
            Assert.Equal((header, value, expected), (header, value, (int)response.StatusCode));
        }
    }

    [Fact]
    public async Task To_an_edge_that_can_send_it_names_the_digest_and_sends_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _path) { Headers = { { BlobDelivery.CanSendHeader, "1" } } };
        using var response = await _registry.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Digest.Of(_content).ToString(), response.Headers.GetValues(BlobDelivery.BlobHeader).Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private async Task<HttpResponseMessage> Get(string range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _path);
        request.Headers.TryAddWithoutValidation("Range", range);
        return await _registry.Client.SendAsync(request, Cancellation);
    }
}
