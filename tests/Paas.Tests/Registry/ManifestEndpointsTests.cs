using System.Net;
using System.Text;
using Paas.Oci;

namespace Paas.Registry;

public sealed class ManifestEndpointsTests : IAsyncLifetime
{
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task The_bytes_come_back_exactly_by_tag_and_by_digest()
    {
        var manifest = await _registry.Manifest("hello", more: ",  \"unknown\" : [1,\t2]");
        var digest = Digest.Of(Encoding.UTF8.GetBytes(manifest));
        using var put = await _registry.PutManifest("hello", "r1", manifest);
        Assert.Equal((HttpStatusCode.Created, $"/v2/hello/manifests/{digest}"), (put.StatusCode, put.Headers.Location!.ToString()));
        foreach (var reference in new[] { "r1", digest.ToString() })
        {
            using var get = await _registry.Client.GetAsync($"/v2/hello/manifests/{reference}", Cancellation);
            Assert.Equal(manifest, await get.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal(MediaTypes.Manifest, get.Content.Headers.ContentType!.ToString());
            Assert.Equal(digest.ToString(), get.Headers.GetValues("Docker-Content-Digest").Single());
            using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/hello/manifests/{reference}"), Cancellation);
            Assert.Equal((HttpStatusCode.OK, (long?)manifest.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        }

        Assert.True(_registry.Blobs.Contains(digest));
    }

    [Fact]
    public async Task A_pushed_tag_moves()
    {
        var (first, second) = (await _registry.Manifest("hello", "{}"), await _registry.Manifest("hello", "{ }"));
        (await _registry.PutManifest("hello", "latest", first)).Dispose();
        (await _registry.PutManifest("hello", "latest", second)).Dispose();
        Assert.Equal(second, await _registry.Client.GetStringAsync("/v2/hello/manifests/latest", Cancellation));
        Assert.Equal(first, await _registry.Client.GetStringAsync($"/v2/hello/manifests/{Digest.Of(Encoding.UTF8.GetBytes(first))}", Cancellation));
    }

    [Fact]
    public async Task A_manifest_whose_blobs_are_missing_is_refused()
    {
        var manifest = await _registry.Manifest("hello");
        using var elsewhere = await _registry.PutManifest("hello/other", "r1", manifest);
        Assert.Equal("400 MANIFEST_BLOB_UNKNOWN", await elsewhere.Error());
    }

    [Fact]
    public async Task Layers_that_are_never_pushed_and_children_that_come_later_are_fine()
    {
        var manifest = (await _registry.Manifest("hello")).Replace("\"layers\":[]", $$"""
            "layers":[{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip","digest":"{{Digest.Of("never"u8)}}","size":5}]
            """, StringComparison.Ordinal);
        using var foreign = await _registry.PutManifest("hello", "r1", manifest);
        Assert.Equal(HttpStatusCode.Created, foreign.StatusCode);
        var index = $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.Manifest}}","digest":"{{Digest.Of("later"u8)}}","size":5}]}""";
        using var sparse = await _registry.PutManifest("hello", "r2", index, MediaTypes.Index);
        Assert.Equal(HttpStatusCode.Created, sparse.StatusCode);
    }

    [Theory]
    [InlineData("{", MediaTypes.Manifest)]
    [InlineData("null", MediaTypes.Manifest)]
    [InlineData("{}", MediaTypes.Manifest)]
    [InlineData("""{"schemaVersion":1,"manifests":[]}""", MediaTypes.Index)]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/x","manifests":[]}""", MediaTypes.Index)]
    [InlineData("""{"schemaVersion":2,"manifests":[],"manifests":[]}""", MediaTypes.Index)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", "application/json")]
    public async Task What_is_no_manifest_is_refused(string content, string type)
    {
        using var response = await _registry.PutManifest("hello", "r1", content, type);
        Assert.Equal("400 MANIFEST_INVALID", await response.Error());
    }

    [Fact]
    public async Task A_kind_of_manifest_that_nobody_knows_is_kept_as_it_is()
    {
        const string content = """{ "mediaType":"application/vnd.example.thing.v1+json","layers":[{"digest":"sha256:x"}] }""";
        using var put = await _registry.PutManifest("hello", "thing", content, "application/vnd.example.thing.v1+json");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var get = await _registry.Client.GetAsync("/v2/hello/manifests/thing", Cancellation);
        Assert.Equal((content, "application/vnd.example.thing.v1+json"), (await get.Content.ReadAsStringAsync(Cancellation), get.Content.Headers.ContentType!.ToString()));
        using var other = await _registry.PutManifest("hello", "thing", content, "application/vnd.example.other.v1+json");
        Assert.Equal("400 MANIFEST_INVALID", await other.Error());
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+json", "skopeo copy")]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", "skopeo copy")]
    [InlineData("text/plain", "Content-Type must be")]
    [InlineData("application/octet-stream", "Content-Type must be")]
    public async Task A_type_that_is_no_manifest_s_is_refused_with_what_to_do(string type, string sentence)
    {
        using var response = await _registry.PutManifest("hello", "r1", """{"schemaVersion":1}""", type);
        Assert.Contains(sentence, await response.Sentence(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task A_push_by_digest_may_set_many_tags(string algorithm)
    {
        var manifest = await _registry.Manifest("hello");
        var bytes = Encoding.UTF8.GetBytes(manifest);
        var digest = algorithm == "sha512" ? Digest.FromHash(System.Security.Cryptography.SHA512.HashData(bytes)) : Digest.Of(bytes);
        var tags = Enumerable.Range(1, 10).Select(number => $"t{number}").ToList();
        using var put = await _registry.PutManifest("hello", $"{digest}?{string.Join('&', tags.Select(tag => "tag=" + tag))}", manifest);
        Assert.Equal($"/v2/hello/manifests/{digest}", put.Headers.Location!.ToString());
        Assert.Equal(tags, put.Headers.GetValues("OCI-Tag"));
        using var get = await _registry.Client.GetAsync("/v2/hello/manifests/t7", Cancellation);
        Assert.Equal((manifest, digest.ToString()), (await get.Content.ReadAsStringAsync(Cancellation), get.Headers.GetValues("Docker-Content-Digest").Single()));
        using var bad = await _registry.PutManifest("hello", $"{digest}?tag=ok&tag=-no", manifest);
        Assert.Equal("400 MANIFEST_INVALID", await bad.Error());
        Assert.DoesNotContain("ok", await Tags("/v2/hello/tags/list"));
    }

    [Fact]
    public async Task A_push_may_say_what_it_replaces()
    {
        var (first, second) = (await _registry.Manifest("hello", "{}"), await _registry.Manifest("hello", "{ }"));
        var digest = Digest.Of(Encoding.UTF8.GetBytes(first));
        Assert.Equal("201", await Push(first, "If-None-Match", "*"));
        Assert.Equal("412 DENIED", await Push(second, "If-None-Match", "*"));
        Assert.Equal("412 DENIED", await Push(second, "If-Match", $"\"{Digest.Of("x"u8)}\""));
        Assert.Equal("201", await Push(second, "If-Match", $"\"{Digest.Of("x"u8)}\", \"{digest}\""));
        Assert.Equal("412 DENIED", await Push(first, "If-Match", $"\"{digest}\""));
        Assert.Equal(second, await _registry.Client.GetStringAsync("/v2/hello/manifests/r1", Cancellation));

        async Task<string> Push(string manifest, string header, string value)
        {
            var content = new StringContent(manifest, Encoding.UTF8, MediaTypes.Manifest);
            using var request = new HttpRequestMessage(HttpMethod.Put, "/v2/hello/manifests/r1") { Content = content };
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await _registry.Client.SendAsync(request, Cancellation);
            return response.IsSuccessStatusCode ? "201" : await response.Error();
        }
    }

    [Fact]
    public async Task What_the_client_has_already_is_not_sent_again()
    {
        var manifest = await _registry.Manifest("hello");
        (await _registry.PutManifest("hello", "r1", manifest)).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/hello/manifests/r1");
        request.Headers.TryAddWithoutValidation("If-None-Match", $"\"{Digest.Of(Encoding.UTF8.GetBytes(manifest))}\"");
        using var response = await _registry.Client.SendAsync(request, Cancellation);
        Assert.Equal((HttpStatusCode.NotModified, "private, no-cache"), (response.StatusCode, response.Headers.GetValues("Cache-Control").Single().Replace("no-cache, private", "private, no-cache", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_manifest_may_have_ten_thousand_layers()
    {
        var layer = await _registry.Push("hello", "layer"u8.ToArray());
        var layers = string.Join(',', Enumerable.Range(0, 10_000).Select(number => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{(number % 2 == 0 ? layer : Digest.Of(BitConverter.GetBytes(number)))}}","size":5}"""));
        var manifest = (await _registry.Manifest("hello")).Replace("\"layers\":[]", $"\"layers\":[{layers}]", StringComparison.Ordinal);
        using var missing = await _registry.PutManifest("hello", "r1", manifest);
        Assert.Equal("400 MANIFEST_BLOB_UNKNOWN", await missing.Error());
        var number = 1;
        manifest = System.Text.RegularExpressions.Regex.Replace(manifest, "image.layer.v1.tar", match => number++ % 2 == 0 ? "image.layer.nondistributable.v1.tar" : match.Value);
        using var put = await _registry.PutManifest("hello", "r1", manifest);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    [Fact]
    public async Task A_manifest_of_more_than_4_mb_or_with_another_digest_is_refused()
    {
        var manifest = await _registry.Manifest("hello", more: $",\"x\":\"{new string('x', 4 << 20)}\"");
        using var large = await _registry.PutManifest("hello", "r1", manifest);
        Assert.Equal("413 SIZE_INVALID", await large.Error());
        using var other = await _registry.PutManifest("hello", Digest.Of("x"u8).ToString(), "{}");
        Assert.Equal("400 DIGEST_INVALID", await other.Error());
    }

    [Fact]
    public async Task Deleting_a_tag_keeps_the_manifest_and_deleting_the_manifest_takes_its_tags()
    {
        var manifest = await _registry.Manifest("hello");
        foreach (var tag in new[] { "a", "b", "c" })
        {
            (await _registry.PutManifest("hello", tag, manifest)).Dispose();
        }

        Assert.Equal(HttpStatusCode.Accepted, await Delete("a"));
        Assert.Equal(["b", "c"], await Tags("/v2/hello/tags/list"));
        Assert.Equal(HttpStatusCode.Accepted, await Delete(Digest.Of(Encoding.UTF8.GetBytes(manifest)).ToString()));
        Assert.Empty(await Tags("/v2/hello/tags/list"));
        Assert.Equal(HttpStatusCode.NotFound, await Delete("b"));
        using var gone = await _registry.Client.GetAsync("/v2/hello/manifests/b", Cancellation);
        Assert.Equal("404 MANIFEST_UNKNOWN", await gone.Error());
    }

    [Fact]
    public async Task Tags_come_in_pages()
    {
        var manifest = await _registry.Manifest("hello");
        foreach (var tag in new[] { "r2", "r10", "r1", "Z" })
        {
            (await _registry.PutManifest("hello", tag, manifest)).Dispose();
        }

        using var first = await _registry.Client.GetAsync("/v2/hello/tags/list?n=2", Cancellation);
        Assert.Equal("</v2/hello/tags/list?n=2&last=r1>; rel=\"next\"", first.Headers.GetValues("Link").Single());
        Assert.Equal("""{"name":"hello","tags":["Z","r1"]}""", await first.Content.ReadAsStringAsync(Cancellation));
        using var second = await _registry.Client.GetAsync("/v2/hello/tags/list?n=2&last=r1", Cancellation);
        Assert.False(second.Headers.Contains("Link"));
        Assert.Equal(["r10", "r2"], await Tags("/v2/hello/tags/list?n=2&last=r1"));
        Assert.Empty(await Tags("/v2/hello/tags/list?n=0"));
        Assert.Equal(4, (await Tags("/v2/hello/tags/list?n=999999999")).Count);
        using var negative = await _registry.Client.GetAsync("/v2/hello/tags/list?n=-1", Cancellation);
        Assert.Equal("400 PAGINATION_NUMBER_INVALID", await negative.Error());
    }

    [Fact]
    public async Task Referrers_are_listed_also_of_a_subject_that_is_not_there()
    {
        var subject = Digest.Of("subject"u8);
        var none = await _registry.Client.GetFromJsonAsync($"/v2/hello/referrers/{subject}", OciJson.Canonical.ImageIndex, Cancellation);
        Assert.Empty(none!.Manifests);
        var manifest = await _registry.Manifest("hello", more: $$$""","artifactType":"application/x-sbom","subject":{"mediaType":"{{{MediaTypes.Manifest}}}","digest":"{{{subject}}}","size":7},"annotations":{"a":"b"}""");
        using var put = await _registry.PutManifest("hello", "sbom", manifest);
        Assert.Equal(subject.ToString(), put.Headers.GetValues("OCI-Subject").Single());
        var found = await _registry.Client.GetFromJsonAsync($"/v2/hello/referrers/{subject}?artifactType=application/x-sbom", OciJson.Canonical.ImageIndex, Cancellation);
        var descriptor = Assert.Single(found!.Manifests);
        Assert.Equal((Digest.Of(Encoding.UTF8.GetBytes(manifest)), "application/x-sbom", "b"), (descriptor.Digest, descriptor.ArtifactType, descriptor.Annotations!["a"]));
        using var other = await _registry.Client.GetAsync($"/v2/hello/referrers/{subject}?artifactType=other", Cancellation);
        Assert.Equal("artifactType", other.Headers.GetValues("OCI-Filters-Applied").Single());
        Assert.Equal(MediaTypes.Index, other.Content.Headers.ContentType!.MediaType);
    }

    private async Task<HttpStatusCode> Delete(string reference)
    {
        using var response = await _registry.Client.DeleteAsync($"/v2/hello/manifests/{reference}", Cancellation);
        return response.StatusCode;
    }

    private async Task<IReadOnlyList<string>> Tags(string path) =>
        (await _registry.Client.GetFromJsonAsync(path, RegistryJson.Default.TagList, Cancellation))!.Tags;
}
