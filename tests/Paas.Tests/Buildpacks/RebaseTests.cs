using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>Cases of the specification's rebaser, with what the reference's own tests know beside it.</summary>
public sealed class RebaseTests : IDisposable
{
    private readonly SmallImages _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task The_run_image_is_replaced_and_the_apps_layers_keep_their_digests()
    {
        var (old, fresh) = (await _store.RunImageAsync(), await _store.RunImageAsync(layers: ["etc/os-release=trixie", "usr/lib/libssl.so.3=mended"]));
        var app = await _store.AppAsync(old);

        var rebased = await RebaseAsync(app, fresh);

        Assert.Equal([.. fresh.Manifest.Layers, .. app.Manifest.Layers.TakeLast(2)], rebased.Manifest.Layers);
        Assert.Equal([.. fresh.Config.RootFs.DiffIds, .. app.Config.RootFs.DiffIds.TakeLast(2)], rebased.Config.RootFs.DiffIds);
        Assert.Equal(["base 0", "base 1", "LABEL", "modules", "app"], rebased.Config.History!.Select(entry => entry.CreatedBy));
        Assert.Equal(rebased.Manifest.Layers.Count, rebased.Config.History!.Count(entry => entry.EmptyLayer != true));
        var directories = await _store.Images.UnpackAsync(rebased, TestContext.Current.CancellationToken);
        Assert.Equal("mended", await File.ReadAllTextAsync(Path.Combine(directories[2], "usr/lib/libssl.so.3"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task How_the_app_is_run_stays()
    {
        var app = await _store.AppAsync(await _store.RunImageAsync());

        var rebased = await RebaseAsync(app, await FreshAsync());

        Assert.Equivalent(app.Config.Config! with { Labels = null }, rebased.Config.Config! with { Labels = null });
        Assert.Equal("1980-01-01T00:00:01Z", rebased.Config.Created);
    }

    [Fact]
    public async Task The_label_names_the_new_run_image_and_keeps_all_that_it_says_of_the_app()
    {
        var fresh = await FreshAsync();
        var app = await _store.AppAsync(await _store.RunImageAsync(), label => label["sbom"] = new JsonObject { ["sha"] = "sha256:abc" });

        var rebased = await RebaseAsync(app, fresh);

        var (before, after) = (LabelOf(app), LabelOf(rebased));
        Assert.Equal(fresh.Config.RootFs.DiffIds[^1].ToString(), (string?)after["runImage"]!["topLayer"]);
        Assert.Equal(fresh.Digest.ToString(), (string?)after["runImage"]!["reference"]);
        Assert.Equal(fresh.Digest, Rebase.RunImageOf(rebased));
        before["runImage"] = after["runImage"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Fact]
    public async Task Rebasing_twice_gives_the_same_digest_and_back_again_the_first()
    {
        var old = await _store.RunImageAsync();
        var fresh = await FreshAsync();
        var app = await _store.AppAsync(old);

        var rebased = await RebaseAsync(app, fresh);

        Assert.NotEqual(app.Digest, rebased.Digest);
        Assert.Equal(rebased.Digest, (await RebaseAsync(app, fresh)).Digest);
        Assert.Equal(rebased.Digest, (await RebaseAsync(rebased, fresh)).Digest);
        Assert.Equal(app.Config.RootFs.DiffIds, (await RebaseAsync(rebased, old)).Config.RootFs.DiffIds);
    }

    [Fact]
    public async Task Labels_of_the_run_image_go_with_it_and_no_others()
    {
        var old = await _store.RunImageAsync(new Dictionary<string, string> { ["io.buildpacks.base.released"] = "old", ["io.buildpacks.stack.removed"] = "old", ["io.custom"] = "run" });
        var fresh = await _store.RunImageAsync(new Dictionary<string, string> { ["io.buildpacks.base.released"] = "new", ["io.buildpacks.stack.added"] = "new", ["io.custom"] = "new" }, layers: ["a=b"]);
        var app = await _store.AppAsync(old);

        var labels = (await RebaseAsync(app, fresh)).Config.Config!.Labels!;

        Assert.Equal(["io.buildpacks.base.released=new", "io.buildpacks.stack.added=new", "io.custom=run"], labels.Where(label => label.Key != SmallImages.Metadata).Select(label => $"{label.Key}={label.Value}"));
    }

    [Theory]
    [InlineData("debian", "13", "", "amd64", "linux", null)]
    [InlineData(null, null, "", "amd64", "linux", null)]
    [InlineData("debian", null, "", "amd64", "linux", null)]
    [InlineData("debian", "13", "v2", "amd64", "linux", null)]
    [InlineData("ubuntu", "13", "", "amd64", "linux", "linux/amd64 (ubuntu 13)")]
    [InlineData("debian", "14", "", "amd64", "linux", "linux/amd64 (debian 14)")]
    [InlineData("debian", "13", "", "arm64", "linux", "linux/arm64 (debian 13)")]
    [InlineData("debian", "13", "", "amd64", "windows", "windows/amd64 (debian 13)")]
    public async Task Another_target_is_refused(string? name, string? version, string variant, string architecture, string os, string? refused)
    {
        var labels = new[] { ("io.buildpacks.base.distro.name", name), ("io.buildpacks.base.distro.version", version) }.Where(label => label.Item2 is not null).ToDictionary(label => label.Item1, label => label.Item2!);
        var app = await _store.AppAsync(await _store.RunImageAsync());
        var fresh = await _store.RunImageAsync(labels, variant, architecture, os, "a=b");

        if (refused is null)
        {
            Assert.Equal(variant.Length == 0 ? null : variant, (await RebaseAsync(app, fresh)).Config.Variant);
        }
        else
        {
            Assert.Equal($"The image is made for linux/amd64 (debian 13), the new run image is {refused}: build the app again to move it.", await RefusedAsync(app, fresh));
        }
    }

    [Fact]
    public async Task Another_variant_is_refused()
    {
        var app = await _store.AppAsync(await _store.RunImageAsync(variant: "v7", architecture: "arm"));

        Assert.Equal(
            "The image is made for linux/arm/v7 (debian 13), the new run image is linux/arm/v8 (debian 13): build the app again to move it.",
            await RefusedAsync(app, await _store.RunImageAsync(variant: "v8", architecture: "arm")));
    }

    [Theory]
    [InlineData("false", "0.15", "The image is marked as not rebasable (label io.buildpacks.rebasable=false): build it again to get the new run image.")]
    [InlineData("true", "0.15", null)]
    [InlineData(null, "0.15", null)]
    [InlineData("false", "0.11", null)]
    public async Task The_rebasable_label_is_held_to_where_the_platform_api_knows_it(string? rebasable, string api, string? refused)
    {
        var app = await _store.AppAsync(await _store.RunImageAsync(), api: api, labels: ("io.buildpacks.rebasable", rebasable));

        Assert.Equal(refused, await RefusedAsync(app, await FreshAsync()));
    }

    [Theory]
    [InlineData("0.11", "bionic", "bionic", null)]
    [InlineData("0.11", "bionic", "jammy", "The image is of the stack bionic, the new run image of jammy: build the app again to move it.")]
    [InlineData(null, "bionic", "jammy", "The image is of the stack bionic, the new run image of jammy: build the app again to move it.")]
    [InlineData("0.11", "", "jammy", "The image does not say which stack it is of (label io.buildpacks.stack.id).")]
    [InlineData("0.11", "bionic", "", "The new run image does not say which stack it is of (label io.buildpacks.stack.id).")]
    [InlineData("0.15", "bionic", "jammy", null)]
    [InlineData("0.12", "", "", null)]
    public async Task Older_images_are_held_to_their_stack(string? api, string was, string becomes, string? refused)
    {
        var app = await _store.AppAsync(await _store.RunImageAsync(new Dictionary<string, string> { ["io.buildpacks.stack.id"] = was }), api: api);
        var fresh = await _store.RunImageAsync(new Dictionary<string, string> { ["io.buildpacks.stack.id"] = becomes }, layers: ["a=b"]);

        Assert.Equal(refused, await RefusedAsync(app, fresh));
    }

    [Theory]
    [InlineData("[\"one\", \"run:two\"]", "[\"one\", \"run:two\", \"three\"]", null)]
    [InlineData("[\"one\", \"run:two\"]", "[\"one\", \"two\"]", null)]
    [InlineData("[\"one\", \"two\"]", "[\"run:one\", \"run:two\"]", null)]
    [InlineData("null", "[\"one\"]", null)]
    [InlineData("null", "null", null)]
    [InlineData("[\"two\", \"one\", \"build:c\"]", "[\"run:two\"]", "The new run image lacks what the app needs (mixins): c, one.")]
    [InlineData("thisisn'tvalid!", "[]", "The label io.buildpacks.stack.mixins of the image is not a list of names.")]
    [InlineData("[]", "{}", "The label io.buildpacks.stack.mixins of the new run image is not a list of names.")]
    public async Task Older_images_are_held_to_their_mixins(string was, string becomes, string? refused)
    {
        var app = await _store.AppAsync(await _store.RunImageAsync(), api: "0.11", labels: ("io.buildpacks.stack.mixins", was));
        var fresh = await _store.RunImageAsync(new Dictionary<string, string> { ["io.buildpacks.stack.id"] = "paas.stacks.trixie", ["io.buildpacks.stack.mixins"] = becomes }, layers: ["a=b"]);

        Assert.Equal(refused, await RefusedAsync(app, fresh));
    }

    [Theory]
    [InlineData("", null, null, null)]
    [InlineData("registry.example.com/run:1", null, "registry.example.com/run:1", null)]
    [InlineData("registry.example.com/run:1", null, "registry.example.com/run:1@sha256:0000000000000000000000000000000000000000000000000000000000000000", null)]
    [InlineData("nobody/run", "team/run", "index.docker.io/team/run", null)]
    [InlineData("paketo/run", null, null, "The image is made for the run image paketo/run, and the platform's own is not that one.")]
    [InlineData("paketo/run", "mirror/run", "mirror/run:2", "The image is made for the run image paketo/run or mirror/run, and mirror/run:2 is not that one.")]
    [InlineData("", null, "paketo/run", "The image does not name its run image, so it is not known that paketo/run fits it.")]
    public async Task A_run_image_that_the_app_does_not_name_is_refused(string named, string? mirror, string? fresh, string? refused)
    {
        var app = await _store.AppAsync(await _store.RunImageAsync(), label =>
        {
            label["runImage"]!["image"] = named;
            label["runImage"]!["mirrors"] = mirror is null ? null : new JsonArray(mirror);
            label.Remove("stack");
        });

        Assert.Equal(refused, await RefusedAsync(app, await FreshAsync(), fresh));
    }

    [Fact]
    public async Task Images_that_no_lifecycle_made_are_refused()
    {
        var (old, fresh) = (await _store.RunImageAsync(), await FreshAsync());

        Assert.Equal("No lifecycle of Cloud Native Buildpacks made this image: it has no label io.buildpacks.lifecycle.metadata.", await RefusedAsync(old, fresh));
        Assert.StartsWith("The label io.buildpacks.lifecycle.metadata of the image is not valid JSON:", await RefusedAsync(await _store.AppAsync(old, labels: (SmallImages.Metadata, "{")), fresh), StringComparison.Ordinal);
        Assert.Equal(
            "The image has no layer sha256:abc, which its label names as the top of its run image: nobody can tell which layers are the app's.",
            await RefusedAsync(await _store.AppAsync(old, label => label["runImage"]!["topLayer"] = "sha256:abc"), fresh));
        Assert.Null(Rebase.RunImageOf(old));
    }

    private Task<Image> FreshAsync() => _store.RunImageAsync(layers: ["etc/os-release=trixie", "usr/lib/libssl.so.3=mended"]);

    private Task<Image> RebaseAsync(Image app, Image runImage, string? name = null) =>
        new Rebase(_store.Images).RunAsync(app, runImage, name, TestContext.Current.CancellationToken);

    /// <summary>Null: it was not.</summary>
    private async Task<string?> RefusedAsync(Image app, Image runImage, string? name = null)
    {
        try
        {
            await RebaseAsync(app, runImage, name);
            return null;
        }
        catch (LifecycleFailure.NotRebasable failure)
        {
            Assert.Equal(("rebase", 72), (failure.Phase, failure.ExitCode));
            return failure.Message;
        }
    }

    private static JsonNode LabelOf(Image image) => JsonNode.Parse(image.Config.Config!.Labels![SmallImages.Metadata])!;
}
