using System.Text;
using Paas.Oci;

namespace Paas.Registry.Conformance;

/// <summary>distribution-spec v1.1, "Content Discovery".</summary>
public sealed class DiscoveryTests(ConformanceRegistry registry) : IClassFixture<ConformanceRegistry>
{
    private readonly string _repository = ConformanceRegistry.NewRepository();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tags_come_in_order_by_pages_and_after_one()
    {
        var image = await registry.Image(_repository);
        string[] tags = ["1.0", "10.0", "2.0", "Z", "a", "latest"];
        foreach (var tag in tags.Reverse())
        {
            await registry.PutManifest(_repository, image, tag);
        }

        Assert.Equal(tags, await Tags($"/v2/{_repository}/tags/list"));
        Assert.Equal(tags[3..], await Tags($"/v2/{_repository}/tags/list?last=2.0"));
        Assert.Empty(await Tags($"/v2/{_repository}/tags/list?n=0"));
        Assert.Empty(await Tags($"/v2/{_repository}/tags/list?last=zzz"));
        var (walked, next) = (new List<string>(), $"/v2/{_repository}/tags/list?n=4");
        while (next is not null)
        {
            using var page = await registry.Send("GET", next);
            walked.AddRange((await page.Content.ReadFromJsonAsync(RegistryJson.Default.TagList, Cancellation))!.Tags);
            next = Next(page);
        }

        Assert.Equal(tags, walked);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_has_no_tags()
    {
        using var response = await registry.Send("GET", $"/v2/{_repository}/tags/list");
        Assert.Equal("404 NAME_UNKNOWN", await response.Error());
    }

    [Fact]
    public async Task Referrers_are_an_index_also_of_what_nobody_pushed()
    {
        foreach (var digest in new[] { Digest.Of("x"u8), ConformanceRegistry.DigestOf([1], "sha512") })
        {
            using var response = await registry.Send("GET", $"/v2/{_repository}/referrers/{digest}");
            Assert.Equal(MediaTypes.Index, response.Content.Headers.ContentType!.ToString());
            Assert.Equal($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[]}""", await response.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Referrers_tell_type_annotations_and_size_and_are_filtered()
    {
        var subject = Digest.Of(Encoding.UTF8.GetBytes(_repository));
        var pointer = $",\"subject\":{ConformanceRegistry.Descriptor(MediaTypes.Manifest, subject, 7)}";
        var image = await registry.Image(_repository, pointer, configType: "application/vnd.example.config");
        var artifact = await registry.Image(_repository, $"{pointer},\"artifactType\":\"application/vnd.example.sbom\",\"annotations\":{{\"a\":\"b\"}}");
        var index = ConformanceRegistry.Index([], $"{pointer},\"artifactType\":\"application/vnd.example.sbom\"");
        var untyped = ConformanceRegistry.Index([], $"{pointer},\"annotations\":{{\"c\":\"d\"}}");
        var pushed = new[] { (image, MediaTypes.Manifest), (artifact, MediaTypes.Manifest), (index, MediaTypes.Index), (untyped, MediaTypes.Index) };
        foreach (var (content, type) in pushed)
        {
            await registry.PutManifest(_repository, content, type: type);
        }

        var found = (await Referrers($"/v2/{_repository}/referrers/{subject}")).ToDictionary(descriptor => descriptor.Digest);
        Assert.Equal(4, found.Count);
        Descriptor Of(string content) => found[Digest.Of(Encoding.UTF8.GetBytes(content))];
        Assert.Equal(("application/vnd.example.config", MediaTypes.Manifest, (long)Encoding.UTF8.GetByteCount(image)), (Of(image).ArtifactType, Of(image).MediaType, Of(image).Size));
        Assert.Equal(("application/vnd.example.sbom", "b"), (Of(artifact).ArtifactType, Of(artifact).Annotations!["a"]));
        Assert.Equal(("application/vnd.example.sbom", MediaTypes.Index), (Of(index).ArtifactType, Of(index).MediaType));
        Assert.Equal((null, "d"), (Of(untyped).ArtifactType, Of(untyped).Annotations!["c"]));

        using var filtered = await registry.Send("GET", $"/v2/{_repository}/referrers/{subject}?artifactType={Uri.EscapeDataString("application/vnd.example.sbom")}");
        Assert.Equal("artifactType", filtered.Headers.GetValues("OCI-Filters-Applied").Single());
        Assert.Equal(2, (await filtered.Content.ReadFromJsonAsync(OciJson.Canonical.ImageIndex, Cancellation))!.Manifests.Count);
        Assert.Empty(await Referrers($"/v2/{_repository}/referrers/{subject}?artifactType=other"));
    }

    [Fact]
    public async Task Many_referrers_come_in_pages_that_keep_the_filter()
    {
        var subject = Digest.Of(Encoding.UTF8.GetBytes(_repository));
        for (var number = 0; number < 7; number++)
        {
            await registry.PutManifest(_repository, ConformanceRegistry.Index([], $",\"artifactType\":\"t/{number % 2}\",\"annotations\":{{\"number\":\"{number}\"}},\"subject\":{ConformanceRegistry.Descriptor(MediaTypes.Manifest, subject, 7)}"), type: MediaTypes.Index);
        }

        foreach (var (query, count) in new[] { ("?n=2", 7), ("?n=3&artifactType=t%2F0", 4) })
        {
            var (walked, next) = (new List<Digest>(), $"/v2/{_repository}/referrers/{subject}{query}");
            while (next is not null)
            {
                using var page = await registry.Send("GET", next);
                walked.AddRange((await page.Content.ReadFromJsonAsync(OciJson.Canonical.ImageIndex, Cancellation))!.Manifests.Select(descriptor => descriptor.Digest));
                next = Next(page);
            }

            Assert.Equal(count, walked.Distinct().Count());
            Assert.Equal(count, walked.Count);
        }
    }

    private static string? Next(HttpResponseMessage page) => page.Headers.TryGetValues("Link", out var links) && links.Single() is ['<', .. var rest] && rest.EndsWith(">; rel=\"next\"", StringComparison.Ordinal)
        ? rest[..rest.IndexOf('>', StringComparison.Ordinal)]
        : null;

    private async Task<IReadOnlyList<string>> Tags(string path) => (await registry.Client.GetFromJsonAsync(path, RegistryJson.Default.TagList, Cancellation))!.Tags;

    private async Task<IReadOnlyList<Descriptor>> Referrers(string path) => (await registry.Client.GetFromJsonAsync(path, OciJson.Canonical.ImageIndex, Cancellation))!.Manifests;
}
