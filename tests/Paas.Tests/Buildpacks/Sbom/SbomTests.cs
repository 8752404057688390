using System.Text;
using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks.Sbom;

public sealed class SbomTests : IDisposable
{
    private const string AllFormats = "sbom-formats = [\"application/vnd.cyclonedx+json\", \"application/spdx+json; version=2.3\", \"application/vnd.syft+json\"]";

    /// <summary>One layer of each kind, each with a bill; on a warm build only what was not restored is written anew.</summary>
    private const string Writer = """
        say() { test -f "$1" && echo "restored $(basename "$1")" || echo "{\"of\":\"$(basename "$1")\"}" > "$1"; }
        mkdir -p "$1/kept" "$1/tools" "$1/stored"; test -f "$1/lean.toml" || mkdir -p "$1/lean"
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/kept.toml"
        printf '[types]\nlaunch = true\n' > "$1/lean.toml"
        printf '[types]\nbuild = true\n' > "$1/tools.toml"
        printf '[types]\ncache = true\n' > "$1/stored.toml"
        for name in kept lean tools stored launch build; do say "$1/$name.sbom.cdx.json"; done
        say "$1/kept.sbom.spdx.json"; say "$1/unknown.sbom.cdx.json"
        """;

    private readonly LifecycleBench _bench = new();
    private readonly string _store = Directory.CreateTempSubdirectory("paas-sbom-").FullName;

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_store, recursive: true);
    }

    [Fact]
    public async Task Those_of_launch_are_one_layer_of_the_image_that_its_label_names()
    {
        _bench.Add("paas/one", "", Writer, more: AllFormats);

        var result = await RunAsync("paas/one");

        var layer = result.Layers.Single(layer => layer.Title == "sbom").Layer;
        Assert.Equal(layer.DiffId, result.Sbom.Launch);
        Assert.Equal(layer.DiffId.ToString(), (string?)JsonNode.Parse(result.Image.Config.Config!.Labels!["io.buildpacks.lifecycle.metadata"])!["sbom"]!["sha"]);
        Assert.Equal(
            ["paas_one/kept/sbom.cdx.json", "paas_one/kept/sbom.spdx.json", "paas_one/lean/sbom.cdx.json", "paas_one/sbom.cdx.json"],
            FilesOf(layer.DiffId, ExportedSbom.LaunchPath));
        Assert.Equal("{\"of\":\"launch.sbom.cdx.json\"}\n", await File.ReadAllTextAsync(
            Path.Combine(Snapshots().PathOf(layer.DiffId)!, "layers/sbom/launch/paas_one/sbom.cdx.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Those_of_the_build_stay_outside_and_are_handed_out()
    {
        _bench.Add("paas/one", "", Writer, more: AllFormats);

        var result = await RunAsync("paas/one");

        Assert.Equal(
            ["paas/one - CycloneDx {\"of\":\"build.sbom.cdx.json\"}", "paas/one stored CycloneDx {\"of\":\"stored.sbom.cdx.json\"}", "paas/one tools CycloneDx {\"of\":\"tools.sbom.cdx.json\"}"],
            result.Sbom.Build.Select(document => $"{document.Buildpack} {document.Layer ?? "-"} {document.Format} {Encoding.UTF8.GetString(document.Json).Trim()}"));
    }

    [Fact]
    public async Task Those_of_layers_that_come_back_come_back_too()
    {
        _bench.Add("paas/one", "", Writer, more: AllFormats);
        var first = await RunAsync("paas/one");
        using var next = new LifecycleBench { Previous = PreviousBuild.FromJson(first.Next.ToJson()) };
        next.Add("paas/one", "", Writer, more: AllFormats);

        var second = await RunAsync("paas/one", next);

        Assert.Equal(
            ["restored kept.sbom.cdx.json", "restored kept.sbom.spdx.json", "restored lean.sbom.cdx.json", "restored stored.sbom.cdx.json"],
            next.Lines.Order(StringComparer.Ordinal));
        Assert.True(second.Layers.Single(layer => layer.Title == "sbom").Reused);
        Assert.Equal(first.Image.Digest, second.Image.Digest);
    }

    [Fact]
    public async Task One_in_a_format_that_the_buildpack_no_longer_lists_does_not_come_back()
    {
        _bench.Add("paas/one", "", Writer, more: AllFormats);
        var first = await RunAsync("paas/one");
        using var next = new LifecycleBench { Previous = first.Next };
        next.Add("paas/one", "", Writer.Replace("; do say", "; do true || say", StringComparison.Ordinal), more: "sbom-formats = [\"application/spdx+json\"]", version: "2");

        await RunAsync("paas/one", next);

        Assert.Equal(["restored kept.sbom.spdx.json"], next.Lines);
    }

    [Fact]
    public async Task What_the_next_build_restores_is_among_what_must_be_kept()
    {
        _bench.Add("paas/one", "", Writer, more: AllFormats);

        var next = (await RunAsync("paas/one")).Next;

        Assert.Equal(["image and snapshot", "snapshot"], next.Layers.Where(layer => layer.Name == "sbom").Select(layer => layer.Blob is null ? "snapshot" : "image and snapshot"));
        Assert.Equal(["paas_one/kept/sbom.cdx.json", "paas_one/kept/sbom.spdx.json", "paas_one/stored/sbom.cdx.json"], FilesOf(next.Sbom!.Cache!.Value, "layers/sbom/cache"));
    }

    [Fact]
    public async Task Without_any_there_is_no_layer_and_no_label()
    {
        _bench.Add("paas/one", "");

        var result = await RunAsync("paas/one");

        Assert.Null(result.Sbom.Launch);
        Assert.Null(result.Next.Sbom);
        Assert.DoesNotContain("\"sbom\"", result.Image.Config.Config!.Labels!["io.buildpacks.lifecycle.metadata"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo {} > $1/launch.sbom.cdx.json", "launch.sbom.cdx.json: its format application/vnd.cyclonedx+json is not among the sbom-formats of buildpack.toml.")]
    [InlineData("ln -s /etc/passwd $1/launch.sbom.spdx.json", "one/launch.sbom.spdx.json is a symbolic link or lies behind one, which is not followed here.")]
    [InlineData("echo {} > $1/build.sbom.foo.json", "build.sbom.foo.json: 'foo' is no format of a bill of materials that is known here (cdx, spdx, syft).")]
    public async Task One_that_cannot_be_taken_ends_the_build(string build, string problem)
    {
        _bench.Add("one", "", build, more: "sbom-formats = [\"application/spdx+json\"]");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.InvalidOutput>(() => _bench.BuildAsync("one"));

        Assert.Equal($"Buildpack one left something that cannot be used: {problem}", failure.Message);
    }

    private Snapshots Snapshots() => new(_store);

    private IEnumerable<string> FilesOf(DiffId diffId, string place)
    {
        var root = Path.Combine(Snapshots().PathOf(diffId)!, place);
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal);
    }

    private async Task<ExportResult> RunAsync(string order, LifecycleBench? bench = null)
    {
        bench ??= _bench;
        var (blobs, snapshots) = (new BlobStore(_store), Snapshots());
        var lifecycle = new Lifecycle(new Layers(blobs, snapshots), new Images(blobs, snapshots), snapshots);
        var token = TestContext.Current.CancellationToken;
        var detected = await bench.DetectAsync(order);
        var restored = lifecycle.Restore(detected, bench.Analysis);
        var built = await Lifecycle.BuildAsync(bench.Dirs, detected, restored, bench.Analysis, bench.RunAsync, bench.Lines.Add, token);
        var options = new ExportOptions { Launcher = LifecycleBench.Write(Path.Combine(bench.Root, "launcher"), "the launcher") };
        return await lifecycle.ExportAsync(bench.Dirs, built, restored, bench.Analysis, options, bench.Lines.Add, token);
    }
}
