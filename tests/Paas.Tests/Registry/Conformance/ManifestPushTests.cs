using System.Net;
using System.Security.Cryptography;
using System.Text;
using Paas.Oci;

namespace Paas.Registry.Conformance;

/// <summary>distribution-spec v1.1, "Pushing Manifests": everything that may be one.</summary>
public sealed class ManifestPushTests(ConformanceRegistry registry) : IClassFixture<ConformanceRegistry>
{
    private const string Empty = "application/vnd.oci.empty.v1+json";

    private readonly string _repository = ConformanceRegistry.NewRepository();

    [Theory]
    [InlineData("image")]
    [InlineData("no layers")]
    [InlineData("large")]
    [InlineData("unknown members")]
    [InlineData("data in descriptors")]
    [InlineData("artifact")]
    [InlineData("artifact without layers")]
    [InlineData("layers that are never pushed")]
    [InlineData("subject that is not there")]
    [InlineData("docker")]
    public async Task An_image_manifest_is_taken_by_digest_and_by_tag(string kind)
    {
        var content = await Manifest(kind);
        var type = kind == "docker" ? MediaTypes.DockerManifest : MediaTypes.Manifest;
        var digest = await registry.PutManifest(_repository, content, type: type);
        await registry.PutManifest(_repository, content, "tagged", type);
        await registry.ManifestIsThere(_repository, digest.ToString(), content, type);
        await registry.ManifestIsThere(_repository, "tagged", content, type);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Indexes_are_taken_empty_nested_and_with_children(string algorithm)
    {
        string[] images = [await registry.Image(_repository, algorithm: algorithm), await registry.Image(_repository, algorithm: algorithm)];
        foreach (var image in images)
        {
            await registry.PutManifest(_repository, image, algorithm: algorithm);
        }

        var index = ConformanceRegistry.Index(images, algorithm: algorithm);
        foreach (var content in new[] { index, ConformanceRegistry.Index([]), ConformanceRegistry.Index([index, index], algorithm: algorithm, type: MediaTypes.Index), index.Replace("{\"schema", "{ \"extra\":{}, \"schema", StringComparison.Ordinal) })
        {
            var digest = await registry.PutManifest(_repository, content, type: MediaTypes.Index, algorithm: algorithm);
            await registry.ManifestIsThere(_repository, digest.ToString(), content, MediaTypes.Index, algorithm);
        }
    }

    [Fact]
    public async Task Indexes_may_be_nested_a_hundred_deep()
    {
        var content = ConformanceRegistry.Index([]);
        for (var depth = 0; depth < 100; depth++)
        {
            await registry.PutManifest(_repository, content, "deep", MediaTypes.Index);
            content = ConformanceRegistry.Index([content], type: MediaTypes.Index);
        }

        Assert.Equal(HttpStatusCode.OK, await registry.Status("GET", $"/v2/{_repository}/manifests/deep"));
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Tags_may_be_set_while_pushing_by_digest(string algorithm)
    {
        var content = await registry.Image(_repository, algorithm: algorithm);
        var digest = ConformanceRegistry.DigestOf(Encoding.UTF8.GetBytes(content), algorithm);
        using var put = await registry.Send("PUT", $"/v2/{_repository}/manifests/{digest}?tag=one&tag=two", Encoding.UTF8.GetBytes(content), $"Content-Type: {MediaTypes.Manifest}");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(["one", "two"], put.Headers.GetValues("OCI-Tag").SelectMany(line => line.Split(", ")));
        await registry.ManifestIsThere(_repository, "two", content, algorithm: algorithm);
    }

    [Fact]
    public async Task A_subject_is_confirmed()
    {
        var subject = await registry.PutManifest(_repository, await registry.Image(_repository));
        var content = await registry.Image(_repository, $",\"subject\":{ConformanceRegistry.Descriptor(MediaTypes.Manifest, subject, 5)}");
        using var put = await registry.Send("PUT", $"/v2/{_repository}/manifests/refers", Encoding.UTF8.GetBytes(content), $"Content-Type: {MediaTypes.Manifest}");
        Assert.Equal(subject.ToString(), put.Headers.GetValues("OCI-Subject").Single());
    }

    [Fact]
    public async Task What_does_not_fit_its_digest_or_names_blobs_that_are_missing_is_refused()
    {
        var content = Encoding.UTF8.GetBytes(await registry.Image(_repository));
        var digest = ConformanceRegistry.DigestOf(content);
        foreach (var (reference, bytes, expected) in new[]
        {
            (digest.ToString(), [.. content, .. "  "u8], "400 DIGEST_INVALID"),
            ("sha256:baddigeststring", content, "400 DIGEST_INVALID"),
            ("v1", Encoding.UTF8.GetBytes((await registry.Image(ConformanceRegistry.NewRepository()))), "400 MANIFEST_BLOB_UNKNOWN"),
            ("v1", "blob of nothing"u8.ToArray(), "400 MANIFEST_INVALID"),
            ("v1", new byte[5 << 20], "413 SIZE_INVALID"),
        })
        {
            using var refused = await registry.Send("PUT", $"/v2/{_repository}/manifests/{reference}", bytes, $"Content-Type: {MediaTypes.Manifest}");
            Assert.Equal(expected, await refused.Error());
        }

        Assert.Equal(HttpStatusCode.NotFound, await registry.Status("HEAD", $"/v2/{_repository}/manifests/v1"));
    }

    private async Task<string> Manifest(string kind)
    {
        var empty = ConformanceRegistry.Descriptor(Empty, await registry.Push(_repository, "{}"u8.ToArray()), 2);
        var image = await registry.Image(_repository);
        return kind switch
        {
            "image" => image,
            "no layers" => $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{empty}},"layers":[]}""",
            "large" => await registry.Image(_repository, $",\"annotations\":{{{string.Join(',', Enumerable.Range(0, 390).Select(number => $"\"large-{number}\":\"{new string('A', 10_000)}\""))}}}"),
            "unknown members" => await registry.Image(_repository, ",\"org.example.extra\":{\"a\":[1,2.5e10,null]}"),
            "data in descriptors" => image.Replace("\"size\":", "\"data\":\"e30=\",\"size\":", StringComparison.Ordinal),
            "artifact" => await registry.Image(_repository, ",\"artifactType\":\"application/vnd.example.thing\"", configType: "application/vnd.example.unknown.config"),
            "artifact without layers" => $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","artifactType":"application/vnd.example.thing","config":{{empty}},"layers":[{{empty}}]}""",
            "layers that are never pushed" => image.Replace("\"layers\":[", $"\"layers\":[{Foreign("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")},{Foreign("application/vnd.oci.image.layer.nondistributable.v1.tar")},", StringComparison.Ordinal),
            "subject that is not there" => await registry.Image(_repository, $",\"subject\":{ConformanceRegistry.Descriptor(MediaTypes.Manifest, Digest.Of("missing"u8), 123)}"),
            "docker" => image.Replace(MediaTypes.Manifest, MediaTypes.DockerManifest, StringComparison.Ordinal),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such manifest."),
        };
    }

    private static string Foreign(string type)
    {
        var digest = Digest.Of(RandomNumberGenerator.GetBytes(16));
        return ConformanceRegistry.Descriptor(type, digest, 12_345, $",\"urls\":[\"https://store.example.com/blobs/{digest}\"]");
    }
}
