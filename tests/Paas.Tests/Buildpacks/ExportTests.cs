using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks;

public sealed class ExportTests : IDisposable
{
    private const string NodeBuild = """
        mkdir -p "$1/modules" "$1/cache" "$1/tools"
        echo module > "$1/modules/index.js"; echo cached > "$1/cache/file"; echo tool > "$1/tools/cc"
        printf '[types]\nlaunch = true\ncache = true\n[metadata]\nsum = "1"\n' > "$1/modules.toml"
        printf '[types]\ncache = true\n' > "$1/cache.toml"
        printf '[types]\nbuild = true\n' > "$1/tools.toml"
        printf '[[processes]]\ntype = "web"\ncommand = ["node", "server.js"]\nargs = ["--quiet"]\ndefault = true\n[[processes]]\ntype = "worker"\ncommand = ["bash", "-c", "node work.js"]\n[[labels]]\nkey = "made-by"\nvalue = "node"\n' > "$1/launch.toml"
        """;

    private readonly LifecycleBench _bench = new();
    private readonly string _store = Directory.CreateTempSubdirectory("paas-export-").FullName;

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_store, recursive: true);
    }

    [Fact]
    public async Task Image_says_how_it_is_started()
    {
        AddNode();

        var result = await BuildAndExportAsync();

        var config = result.Image.Config.Config!;
        Assert.Equal(["/cnb/process/web"], config.Entrypoint!);
        Assert.Equal("/workspace", config.WorkingDir);
        Assert.Equal("1002:1000", config.User);
        Assert.Equal(
            ["CNB_LAYERS_DIR=/layers", "CNB_APP_DIR=/workspace", "CNB_PLATFORM_API=0.15", "CNB_DEPRECATION_MODE=quiet", "PATH=/cnb/process:/cnb/lifecycle:/usr/bin:/bin"],
            config.Env!);
        Assert.Equal("web", result.DefaultProcess);
        Assert.Equal(["web=node server.js --quiet", "worker=node work.js"], result.Processes.Select(process => $"{process.Type}={process.Text}"));
        Assert.Equal(result.Image.Config.RootFs.DiffIds.Count, result.Image.Config.History!.Count);
        Assert.Equal(["node:modules", "app", "launcher", "config", "process types"], result.Layers.Select(layer => layer.Title));
    }

    [Fact]
    public async Task Labels_name_every_layer_for_rebase_and_for_other_lifecycles()
    {
        AddNode();

        var result = await BuildAndExportAsync();

        var labels = result.Image.Config.Config!.Labels!;
        var lifecycle = JsonNode.Parse(labels["io.buildpacks.lifecycle.metadata"])!;
        var modules = lifecycle["buildpacks"]![0]!["layers"]!["modules"]!;
        Assert.Equal(result.Layers[0].Layer.DiffId.ToString(), (string)modules["sha"]!);
        Assert.Equal("1", (string)modules["data"]!["sum"]!);
        Assert.Equal("node", (string)lifecycle["buildpacks"]![0]!["key"]!);
        Assert.Equal(result.Layers[1].Layer.DiffId.ToString(), (string)lifecycle["app"]![0]!["sha"]!);
        Assert.Equal("run:trixie", (string)lifecycle["runImage"]!["image"]!);
        Assert.Equal("web", (string)JsonNode.Parse(labels["io.buildpacks.build.metadata"])!["processes"]![0]!["type"]!);
        Assert.Equal("abc", (string)JsonNode.Parse(labels["io.buildpacks.project.metadata"])!["source"]!["version"]!["commit"]!);
        Assert.Equal("node", labels["made-by"]);
        Assert.Equal("debian", labels["io.buildpacks.base.distro.name"]);
        Assert.Equal("production", labels["io.buildpacks.exec-env"]);
    }

    [Fact]
    public async Task Labels_of_the_run_image_stay_and_its_other_names_are_told()
    {
        AddNode();
        _bench.RunImage = _bench.RunImage with
        {
            Config = _bench.RunImage.Config with { Config = new RunConfig { Labels = new Dictionary<string, string> { ["io.buildpacks.rebasable"] = "true", ["io.buildpacks.base.id"] = "x" } } },
        };

        var labels = (await BuildAndExportAsync()).Image.Config.Config!.Labels!;

        Assert.Equal(("true", "x"), (labels["io.buildpacks.rebasable"], labels["io.buildpacks.base.id"]));
        var lifecycle = JsonNode.Parse(labels["io.buildpacks.lifecycle.metadata"])!;
        Assert.Equal("mirror/run:trixie", (string?)lifecycle["runImage"]!["mirrors"]![0]);
        Assert.Equal("mirror/run:trixie", (string?)lifecycle["stack"]!["runImage"]!["mirrors"]![0]);
    }

    [Fact]
    public async Task The_report_names_the_manifest_and_its_size()
    {
        AddNode();

        var result = await BuildAndExportAsync();

        Assert.Equal(result.Image.Digest, result.Report.Image);
        Assert.Equal((await Store().Blobs.ReadAsync(result.Image.Digest, TestContext.Current.CancellationToken)).Length, result.Report.ManifestSize);
    }

    [Fact]
    public async Task Layers_hold_what_belongs_there()
    {
        AddNode();
        _bench.Workspace("server.js", "listen()");

        var result = await BuildAndExportAsync();

        Assert.Equal("module\n", await ReadAsync(result, 0, "layers/node/modules/index.js"));
        Assert.Equal("listen()", await ReadAsync(result, 1, "workspace/server.js"));
        Assert.Equal("the launcher", await ReadAsync(result, 2, "cnb/lifecycle/launcher"));
        Assert.Contains("type = \"web\"\ncommand = [\"node\", \"server.js\"]\nargs = [\"--quiet\"]", await ReadAsync(result, 3, "layers/config/metadata.toml"), StringComparison.Ordinal);
        Assert.Equal("/cnb/lifecycle/launcher", new FileInfo(InSnapshot(result, 4, "cnb/process/worker")).LinkTarget);
    }

    [Fact]
    public async Task Same_input_gives_the_same_digest_in_another_place_at_another_time()
    {
        AddNode();
        _bench.Workspace("server.js", "listen()");
        var first = await BuildAndExportAsync();

        using var other = new LifecycleBench();
        other.Add("node", "", NodeBuild);
        other.Workspace("server.js", "listen()");
        File.SetLastWriteTimeUtc(Path.Combine(other.Dirs.Workspace, "server.js"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var second = await BuildAndExportAsync(bench: other);

        Assert.Equal(first.Image.Digest, second.Image.Digest);
    }

    [Fact]
    public async Task Only_the_app_layer_changes_with_the_app()
    {
        AddNode();
        _bench.Workspace("server.js", "one");
        var before = await BuildAndExportAsync();

        _bench.Workspace("server.js", "two");
        var after = await BuildAndExportAsync();

        Assert.NotEqual(before.Image.Digest, after.Image.Digest);
        Assert.Equal(["app"], before.Layers.Zip(after.Layers).Where(pair => pair.First.Layer.DiffId != pair.Second.Layer.DiffId).Select(pair => pair.First.Title));
    }

    [Fact]
    public async Task The_next_build_learns_of_launch_and_cache_layers_but_not_of_build_layers()
    {
        AddNode();

        var result = await BuildAndExportAsync();

        Assert.Equal(["cache", "modules"], result.Next.Buildpacks.Single().Layers.Select(layer => layer.Name));
        Assert.Equal("[metadata]\nsum = \"1\"\n", result.Next.Buildpacks.Single().Layers[1].Metadata);
        Assert.All(result.Next.Layers, layer => Assert.True(Store().Snapshots.Contains(layer.DiffId)));
    }

    [Fact]
    public async Task What_only_the_next_build_needs_is_kept_unpacked_and_never_packed()
    {
        AddNode();

        var layers = (await BuildAndExportAsync()).Next.Buildpacks.Single().Layers;

        Assert.Equal(["cache: False", "modules: True"], layers.Select(layer => $"{layer.Name}: {layer.Blob is not null}"));
    }

    [Fact]
    public async Task A_cached_layer_that_becomes_part_of_the_image_is_packed_although_nothing_touched_it()
    {
        AddNode();
        using var next = new LifecycleBench { Previous = (await BuildAndExportAsync()).Next };
        next.Add("node", "", NodeBuild.Replace("\\ncache = true\\n' > \"$1/cache.toml\"", "\\nlaunch = true\\ncache = true\\n' > \"$1/cache.toml\"", StringComparison.Ordinal));

        var result = await BuildAndExportAsync((_, _) => true, bench: next);

        Assert.Contains(result.Layers, layer => layer is { Title: "node:cache", Reused: false });
    }

    [Fact]
    public async Task A_restored_layer_that_nothing_touched_is_taken_without_being_read()
    {
        AddNode();
        _bench.Previous = (await BuildAndExportAsync()).Next;
        _bench.Workspace("new.js", "");

        // Not what the snapshot holds: if it were read, the diff id would change.
        LifecycleBench.Write(Path.Combine(_bench.Dirs.Layers, "node/modules/extra"), "unread");
        var untouched = await BuildAndExportAsync((_, layer) => layer == "modules");
        var touched = await BuildAndExportAsync((_, _) => false);

        Assert.Equal(_bench.Previous.Buildpacks[0].Layers[1].DiffId, untouched.Layers[0].Layer.DiffId);
        Assert.True(untouched.Layers[0].Reused);
        Assert.NotEqual(untouched.Layers[0].Layer.DiffId, touched.Layers[0].Layer.DiffId);
    }

    [Fact]
    public async Task A_launch_layer_without_contents_is_kept_from_the_last_image_with_its_new_metadata()
    {
        _bench.Add("runtime", "", """
            test -f "$1/jre.toml" || { mkdir "$1/jre"; echo java > "$1/jre/java"; }
            printf '[types]\nlaunch = true\n[metadata]\nn = "'$RANDOM'"\n' > "$1/jre.toml"
            """);
        var first = await BuildAndExportAsync(order: "runtime");
        _bench.Previous = first.Next;
        Directory.Delete(_bench.Dirs.Layers, recursive: true);
        Directory.CreateDirectory(_bench.Dirs.Layers);

        var second = await BuildAndExportAsync(order: "runtime");

        Assert.Equal(first.Layers[0].Layer.DiffId, second.Layers[0].Layer.DiffId);
        Assert.True(second.Layers[0].Reused);
    }

    [Theory]
    [InlineData("launch = true", "Buildpack empty wants to keep layer empty:nothing from the last image, which has no such layer.")]
    [InlineData("launch = true\\ncache = true", "Buildpack empty marks layer nothing for launch and cache, but left nothing in it.")]
    public async Task A_launch_layer_that_is_nowhere_ends_the_export(string types, string sentence)
    {
        _bench.Add("empty", "", $"printf '[types]\\n{types}\\n' > \"$1/nothing.toml\"");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.NotExportable>(() => BuildAndExportAsync(order: "empty"));

        Assert.Equal(sentence, failure.Message);
        Assert.Equal((62, "export", "empty"), (failure.ExitCode, failure.Phase, failure.Buildpack));
    }

    [Fact]
    public async Task Slices_are_layers_of_their_own_below_the_rest_of_the_app()
    {
        _bench.Add("slicer", "", "printf '[[slices]]\\npaths = [\"assets\"]\\n' > \"$1/launch.toml\"");
        _bench.Workspace("assets/logo.svg", "logo");
        _bench.Workspace("index.html", "page");

        var result = await BuildAndExportAsync(order: "slicer");

        Assert.Equal("logo", await ReadAsync(result, 0, "workspace/assets/logo.svg"));
        Assert.False(File.Exists(InSnapshot(result, 0, "workspace/index.html")));
        Assert.Equal("page", await ReadAsync(result, 1, "workspace/index.html"));
        Assert.False(File.Exists(InSnapshot(result, 1, "workspace/assets/logo.svg")));
        Assert.Equal(["/cnb/lifecycle/launcher"], result.Image.Config.Config!.Entrypoint!);
    }

    private void AddNode() => _bench.Add("node", "", NodeBuild);

    private (BlobStore Blobs, Snapshots Snapshots) Store() => (new BlobStore(_store), new Snapshots(_store));

    private string InSnapshot(ExportResult result, int layer, string path) =>
        Path.Combine(Store().Snapshots.PathOf(result.Layers[layer].Layer.DiffId)!, path);

    private Task<string> ReadAsync(ExportResult result, int layer, string path) =>
        File.ReadAllTextAsync(InSnapshot(result, layer, path), TestContext.Current.CancellationToken);

    private async Task<ExportResult> BuildAndExportAsync(Func<string, string, bool>? untouched = null, string order = "node", LifecycleBench? bench = null)
    {
        bench ??= _bench;
        var (blobs, snapshots) = Store();
        var lifecycle = new Lifecycle(new Layers(blobs, snapshots), new Images(blobs, snapshots), snapshots);
        var token = TestContext.Current.CancellationToken;
        var detected = await bench.DetectAsync(order);
        var restored = lifecycle.Restore(detected, bench.Analysis);
        var built = await Lifecycle.BuildAsync(bench.Dirs, detected, restored, bench.Analysis, bench.RunAsync, bench.Lines.Add, token);
        var options = new ExportOptions
        {
            Launcher = LifecycleBench.Write(Path.Combine(bench.Root, "launcher"), "the launcher"),
            Untouched = untouched,
            RunImageReference = "run:trixie",
            RunImageMirrors = ["mirror/run:trixie"],
            Source = new ProjectSource("git", "abc", "repository"),
        };
        return await lifecycle.ExportAsync(bench.Dirs, built, restored, bench.Analysis, options, bench.Lines.Add, token);
    }
}
