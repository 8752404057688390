using System.Net;
using System.Text;

namespace Paas.Registry.Conformance;

/// <summary>distribution-spec v1.1, "Content Management": what is deleted is gone at once, also for an edge that remembers.</summary>
public sealed class ManagementTests(ConformanceRegistry registry) : IClassFixture<ConformanceRegistry>
{
    private readonly string _repository = ConformanceRegistry.NewRepository();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_tag_is_gone_and_its_manifest_stays()
    {
        var image = await registry.Image(_repository);
        var digest = await registry.PutManifest(_repository, image, "one");
        await registry.PutManifest(_repository, image, "two");
        await registry.ManifestIsThere(_repository, "one", image);
        Assert.Equal(HttpStatusCode.Accepted, await Delete("manifests/one"));
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("GET", $"/v2/{_repository}/manifests/one"));
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("HEAD", $"/v2/{_repository}/manifests/one"));
        Assert.Equal(["two"], (await registry.Client.GetFromJsonAsync($"/v2/{_repository}/tags/list", RegistryJson.Default.TagList, Cancellation))!.Tags);
        await registry.ManifestIsThere(_repository, digest.ToString(), image);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task A_deleted_manifest_takes_its_tags_along_and_can_come_back(string algorithm)
    {
        var image = await registry.Image(_repository, algorithm: algorithm);
        var digest = ConformanceRegistry.DigestOf(Encoding.UTF8.GetBytes(image), algorithm);
        await registry.PutManifest(_repository, image, $"{digest}?tag=one&tag=two");
        await registry.ManifestIsThere(_repository, "one", image, algorithm: algorithm);
        Assert.Equal(HttpStatusCode.Accepted, await Delete($"manifests/{digest}"));
        foreach (var reference in new[] { "one", "two", digest.ToString() })
        {
            Assert.Equal(HttpStatusCode.NotFound, await registry.Status("GET", $"/v2/{_repository}/manifests/{reference}"));
            Assert.Equal(HttpStatusCode.NotFound, await Delete($"manifests/{reference}"));
        }

        await registry.PutManifest(_repository, image, algorithm: algorithm);
        await registry.ManifestIsThere(_repository, digest.ToString(), image, algorithm: algorithm);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task A_deleted_blob_is_gone_and_can_come_back(string algorithm)
    {
        var content = Encoding.UTF8.GetBytes(_repository);
        var digest = await registry.Push(_repository, content, algorithm);
        await registry.BlobIsThere(_repository, content, algorithm);
        Assert.Equal(HttpStatusCode.Accepted, await Delete($"blobs/{digest}"));
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("HEAD", $"/v2/{_repository}/blobs/{digest}"));
        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("GET", $"/v2/{_repository}/blobs/{digest}"));
        Assert.Equal(HttpStatusCode.NotFound, await Delete($"blobs/{digest}"));
        await registry.Push(_repository, content, algorithm);
        await registry.BlobIsThere(_repository, content, algorithm);
    }

    private Task<HttpStatusCode> Delete(string path) => registry.Status("DELETE", $"/v2/{_repository}/{path}");
}
