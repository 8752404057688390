using Paas.Client;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

public sealed class ManifestDetailsTests
{
    private const string Api = "/api/v1/registry/manifests/team/app";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Layers_of_a_built_image_tell_which_buildpack_made_them()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        const string Config = """
            {"architecture":"amd64","os":"linux","created":"1980-01-01T00:00:01Z",
             "config":{"User":"1000","WorkingDir":"/workspace","Entrypoint":["/cnb/process/web"],"ExposedPorts":{"8080/tcp":{}},"Labels":{
               "io.buildpacks.lifecycle.metadata":"{\"app\":[{\"sha\":\"d4\"}],\"buildpacks\":[{\"key\":\"paas/nodejs\",\"version\":\"0.1.0\",\"layers\":{\"node_modules\":{\"sha\":\"d3\"}}}],\"config\":{\"sha\":\"d5\"},\"launcher\":{\"sha\":\"d6\"},\"runImage\":{\"topLayer\":\"d2\"}}"}},
             "rootfs":{"type":"layers","diff_ids":["d1","d2","d3","d4","d5","d6","d7"]}}
            """;
        await pusher.ImageAsync("team/app", "1.0", Config, "1", "2", "3", "4", "5", "6", "7");

        var view = await paas.Api.GetAsync($"{Api}?reference=1.0", Cancelled).ReadAsync<ManifestView>();

        Assert.Equal(("image", "linux/amd64", "1000", "/workspace"), (view.Kind, view.Config!.Platform, view.Config.User, view.Config.WorkingDir));
        Assert.Equal(["/cnb/process/web"], view.Config.Command);
        Assert.Equal(["8080/tcp"], view.Config.Ports);
        Assert.Equal(
            [("run image", null), ("run image", null), ("paas/nodejs 0.1.0", "node_modules"), ("your app", "the app's files"), ("the platform", "launch configuration"), ("the platform", "launcher"), (null, null)],
            view.Layers.Select(layer => (layer.MadeBy, layer.What)));
        Assert.Equal(["1.0"], view.Tags);
        Assert.Equal($"localhost:8080/team/app@{view.Digest}", view.Image);
        Assert.Equal(7 + Config.Length, view.Size);
        Assert.Null(view.Raw);
        Assert.StartsWith("{\"schemaVersion\":2", (await paas.Api.GetAsync($"{Api}?reference={view.Digest}&raw=true", Cancelled).ReadAsync<ManifestView>()).Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Layers_of_a_dockerfile_tell_their_instruction()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync(
            "team/app",
            "1.0",
            """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["d1","d2"]},"history":[{"created_by":"ADD root"},{"created_by":"ENV A=1","empty_layer":true},{"created_by":"COPY app"}]}""",
            "1",
            "2");
        var view = await paas.Api.GetAsync($"{Api}?reference=1.0", Cancelled).ReadAsync<ManifestView>();
        Assert.Equal([(null, "ADD root"), (null, "COPY app")], view.Layers.Select(layer => (layer.MadeBy, layer.What)));
    }

    [Fact]
    public async Task What_refers_to_an_image_is_listed_with_what_it_is()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        var image = await pusher.ImageAsync("team/app", "1.0");
        await pusher.ArtifactAsync("team/app", "application/vnd.dev.cosign.artifact.sig.v1+json", image);
        await pusher.ArtifactAsync("team/app", "application/spdx+json", image, "bill");
        await pusher.ArtifactAsync("team/app", "application/vnd.example", image, "what");
        await pusher.ImageAsync("team/app", $"{image.ToString().Replace(':', '-')}.att", "{}", "old way");

        var view = await paas.Api.GetAsync($"{Api}?reference=1.0", Cancelled).ReadAsync<ManifestView>();

        Assert.Equal(["signature", "SBOM", null, "attestation"], view.Referrers.Select(item => item.Kind));
        Assert.Equal(8L, view.Referrers[0].Size);
        var signature = await paas.Api.GetAsync($"{Api}?reference={view.Referrers[0].Digest}", Cancelled).ReadAsync<ManifestView>();
        Assert.Equal(("artifact", "application/vnd.dev.cosign.artifact.sig.v1+json", view.Digest), (signature.Kind, signature.ArtifactType, signature.Subject));
    }

    [Fact]
    public async Task An_index_lists_its_platforms_and_what_is_missing()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        var image = await pusher.ImageAsync("team/app", null, "{}", "layer");
        var absent = Digest.Of("nothing"u8);
        await pusher.ManifestAsync(
            "team/app",
            "many",
            $$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaTypes.Index}}}","manifests":[
              {"mediaType":"{{{MediaTypes.Manifest}}}","digest":"{{{image}}}","size":100,"platform":{"os":"linux","architecture":"amd64"}},
              {"mediaType":"{{{MediaTypes.Manifest}}}","digest":"{{{absent}}}","size":200,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}
            """,
            MediaTypes.Index);

        var view = await paas.Api.GetAsync($"{Api}?reference=many", Cancelled).ReadAsync<ManifestView>();

        Assert.Equal(("index", null, 7L), (view.Kind, view.Config, view.Size));
        Assert.Equal(
            [(image.ToString(), "linux/amd64", true, 7L), (absent.ToString(), "linux/arm64/v8", false, (long?)null)],
            view.Manifests.Select(child => (child.Digest, child.Platform, child.Present, child.Size)));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"config":{"Labels":{"io.buildpacks.lifecycle.metadata":"{"}},"rootfs":[],"history":{}}""")]
    [InlineData("""{"config":{"Labels":{"io.buildpacks.lifecycle.metadata":"[1]"}},"rootfs":{"diff_ids":[1,null]},"history":[3]}""")]
    public async Task A_strange_config_is_shown_as_far_as_it_can_be_read(string config)
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0", config, "layer");
        var view = await paas.Api.GetAsync($"{Api}?reference=1.0", Cancelled).ReadAsync<ManifestView>();
        Assert.Equal((null, null), view.Layers.Select(layer => (layer.MadeBy, layer.What)).Single());
    }
}
