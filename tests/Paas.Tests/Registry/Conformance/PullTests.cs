using System.Net;
using System.Security.Cryptography;
using System.Text;
using Paas.Oci;

namespace Paas.Registry.Conformance;

/// <summary>distribution-spec v1.1, "Pull".</summary>
public sealed class PullTests(ConformanceRegistry registry) : IClassFixture<ConformanceRegistry>
{
    private readonly string _repository = ConformanceRegistry.NewRepository();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_base_says_that_it_is_a_registry() => Assert.Equal(HttpStatusCode.OK, await registry.Status("GET", "/v2/"));

    [Theory]
    [InlineData("manifests/v1", "404 MANIFEST_UNKNOWN")]
    [InlineData("manifests/sha256:0000000000000000000000000000000000000000000000000000000000000000", "404 MANIFEST_UNKNOWN")]
    [InlineData("manifests/sha256:baddigeststring", "400 DIGEST_INVALID")]
    [InlineData("manifests/sha256:totallywrong", "400 DIGEST_INVALID")]
    [InlineData("manifests/.nottag", "404 MANIFEST_UNKNOWN")]
    [InlineData("blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000", "404 BLOB_UNKNOWN")]
    [InlineData("blobs/sha256:short", "400 DIGEST_INVALID")]
    public async Task What_is_not_there_is_unknown(string path, string expected)
    {
        await registry.PutManifest(_repository, await registry.Image(_repository), "here");
        using var get = await registry.Send("GET", $"/v2/{_repository}/{path}");
        Assert.Equal(expected, await get.Error());
        using var head = await registry.Send("HEAD", $"/v2/{_repository}/{path}");
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("sha256", 0)]
    [InlineData("sha256", 2)]
    [InlineData("sha256", 100_000)]
    [InlineData("sha512", 0)]
    [InlineData("sha512", 2)]
    [InlineData("sha512", 100_000)]
    public async Task A_blob_comes_as_it_was_pushed(string algorithm, int size)
    {
        var content = size == 2 ? "{}"u8.ToArray() : RandomNumberGenerator.GetBytes(size);
        await registry.Push(_repository, content, algorithm);
        await registry.BlobIsThere(_repository, content, algorithm);
    }

    [Fact]
    public async Task A_manifest_comes_as_it_was_pushed_by_tag_and_by_digest_whatever_is_accepted()
    {
        var image = await registry.Image(_repository, ",  \"unknown\":[1,\t2]");
        var digest = await registry.PutManifest(_repository, image, "v1");
        await registry.ManifestIsThere(_repository, "v1", image);
        await registry.ManifestIsThere(_repository, digest.ToString(), image);
        foreach (var accept in new[] { "application/vnd.oci.image.index.v1+json", "text/html", "*/*" })
        {
            using var response = await registry.Send("GET", $"/v2/{_repository}/manifests/v1", null, $"Accept: {accept}", $"Accept: {MediaTypes.DockerManifest}");
            Assert.Equal(MediaTypes.Manifest, response.Content.Headers.ContentType!.ToString());
        }
    }

    [Theory]
    [InlineData("500-1499", 500, 1000)]
    [InlineData("500-", 500, 1548)]
    [InlineData("-500", 1548, 500)]
    [InlineData("2000-5000", 2000, 48)]
    [InlineData("500-0", 0, -1)]
    [InlineData("5000-10000", 0, -1)]
    [InlineData("2048-", 0, -1)]
    [InlineData("0-9,20-29", 0, 2048)]
    [InlineData("x", 0, 2048)]
    public async Task A_part_of_a_blob_is_had_by_range(string range, int offset, int count)
    {
        var content = RandomNumberGenerator.GetBytes(2048);
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            var path = $"/v2/{_repository}/blobs/{await registry.Push(_repository, content, algorithm)}";
            using var part = await registry.Send("GET", path, null, $"Range: bytes={range}");
            if (count < 0)
            {
                Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "bytes */2048"), (part.StatusCode, part.Content.Headers.ContentRange!.ToString()));
                continue;
            }

            Assert.Equal(count == 2048 ? HttpStatusCode.OK : HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(count, part.Content.Headers.ContentLength);
            Assert.Equal(content[offset..(offset + count)], await part.Content.ReadAsByteArrayAsync(Cancellation));
            if (count < 2048)
            {
                Assert.Equal($"bytes {offset}-{offset + count - 1}/2048", part.Content.Headers.ContentRange!.ToString());
            }

            // RFC 9110, 14.2: only of GET.
            using var head = await registry.Send("HEAD", path, null, $"Range: bytes={range}");
            Assert.Equal((HttpStatusCode.OK, (long?)2048), (head.StatusCode, head.Content.Headers.ContentLength));
        }
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_again()
    {
        var image = await registry.Image(_repository);
        var digest = await registry.PutManifest(_repository, image, "v1");
        var blob = await registry.Push(_repository, Encoding.UTF8.GetBytes(_repository));
        foreach (var (path, tag) in new[] { ("manifests/v1", digest), ($"manifests/{digest}", digest), ($"blobs/{blob}", blob) })
        {
            using var first = await registry.Send("GET", $"/v2/{_repository}/{path}");
            Assert.Equal($"\"{tag}\"", first.Headers.ETag!.Tag);
            using var second = await registry.Send("GET", $"/v2/{_repository}/{path}", null, $"If-None-Match: \"{tag}\"");
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        }
    }
}
