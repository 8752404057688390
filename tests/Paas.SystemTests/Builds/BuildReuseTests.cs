using System.Diagnostics;

namespace Paas.Builds;

/// <summary>What is not done twice, that the same is made of the same, and that a build that is cancelled leaves nothing.</summary>
public sealed class BuildReuseTests
{
    /// <summary>Makes both its layers from nothing each time, with times of now.</summary>
    private const string Script = """
        rm -rf "$CNB_LAYERS_DIR/deps" "$CNB_LAYERS_DIR/tools"
        mkdir -p "$CNB_LAYERS_DIR/deps/lib" "$CNB_LAYERS_DIR/tools"
        head -c 3000000 /dev/zero > "$CNB_LAYERS_DIR/deps/lib/big"; echo one > "$CNB_LAYERS_DIR/deps/one"; ln -s one "$CNB_LAYERS_DIR/deps/two"
        echo tool > "$CNB_LAYERS_DIR/tools/cc"
        printf '[types]\nlaunch = true\n' > "$CNB_LAYERS_DIR/deps.toml"
        printf '[types]\nbuild = true\ncache = true\n' > "$CNB_LAYERS_DIR/tools.toml"
        echo "$RANDOM" > /tmp/unseen
        cat > "$CNB_LAYERS_DIR/launch.toml" <<'END'
        [[processes]]
        type = "web"
        command = ["bash", "app.sh"]
        default = true
        [[processes]]
        type = "worker"
        command = ["sleep", "1"]
        [[labels]]
        key = "made-by"
        value = "the test"
        END

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_layer_that_was_made_anew_and_came_out_the_same_is_not_written_again()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        var first = Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));
        var made = lab.Last.Facts.Layers;
        Assert.DoesNotContain(made, layer => layer is { Kind: not "platform", Reused: true });

        lab.AppText = "echo changed\n";
        var second = Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));

        Assert.NotEqual(first.Image, second.Image);
        Assert.Equal(
            ["test/shell:deps True", "app False", "launcher True", "config True", "process types True", "test/shell:tools True"],
            lab.Last.Facts.Layers.Select(layer => $"{layer.Name} {layer.Reused}"));
        Assert.Equal(made.Where(layer => layer.Name != "app").Select(layer => layer.DiffId), lab.Last.Facts.Layers.Where(layer => layer.Name != "app").Select(layer => layer.DiffId));
        Assert.Equal(["prepare", "detect", "restore", "build", "export"], lab.Last.Facts.Phases.Select(phase => phase.Name));
        Assert.All(lab.Last.Facts.Phases, phase => Assert.NotNull(phase.Milliseconds));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task What_two_apps_install_alike_lies_on_the_disk_once()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));
        var first = lab.Last.Facts.Layers;
        var snapshots = lab.Snapshots.All().Count();
        var blobs = lab.Blobs.All().Count();

        lab.AppId = 2;
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));

        Assert.Equal(first.Select(layer => (layer.Name, layer.DiffId, layer.Digest)), lab.Last.Facts.Layers.Select(layer => (layer.Name, layer.DiffId, layer.Digest)));
        Assert.Equal((snapshots, blobs), (lab.Snapshots.All().Count(), lab.Blobs.All().Count()));
    }

    [Fact]
    public async Task Two_clean_homes_make_the_same_image_of_the_same_commit()
    {
        await using var here = await BuildLab.StartAsync(Token);
        await using var there = await BuildLab.StartAsync(Token);
        here.AppText = "echo before\n";
        Assert.IsType<BuildResult.Built>(await here.BuildAsync(Script, null, Token));
        here.AppText = there.AppText;

        // One of them with all that an earlier build left, the other with nothing.
        var warm = Assert.IsType<BuildResult.Built>(await here.BuildAsync(Script, null, Token));
        var cold = Assert.IsType<BuildResult.Built>(await there.BuildAsync(Script, null, Token));

        Assert.Equal(cold.Image, warm.Image);
    }

    [Fact]
    public async Task A_build_of_just_the_same_is_answered_from_the_last_one_with_the_label_of_its_own_commit()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { UnchangedFor = TimeSpan.FromHours(1) }, Token);
        await using var other = await BuildLab.StartAsync(Token);
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));
        lab.Commit = other.Commit = new string('b', 40);

        var answered = Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));

        Assert.Equal((1, "bash app.sh"), (lab.Last.Facts.SameAs, answered.Processes["web"]));
        Assert.Contains(lab.Lines, line => line.StartsWith("Nothing has changed since build 1 (", StringComparison.Ordinal));
        Assert.Equal(Assert.IsType<BuildResult.Built>(await other.BuildAsync(Script, null, Token)).Image, answered.Image);
    }

    [Fact]
    public async Task Whatever_a_build_is_made_of_is_looked_at_before_it_is_answered()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { UnchangedFor = TimeSpan.FromHours(1) }, Token);
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token));
        await BuildsAnewAsync(Script + "# another buildpack\n");
        await BuildsAnewAsync(Script + "# another buildpack\n", new Apps.ConfigVar("MODE", "fast", RunOnly: false, Plain: true));
        lab.AppText = "echo more\n";
        await BuildsAnewAsync(Script);
        lab.Cache.Clear(1);
        await BuildsAnewAsync(Script);
        Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("exit 1\n", null, Token));

        // Config vars that no build sees change nothing, and neither does a failure in between.
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(Script, null, Token, new Apps.ConfigVar("HIDDEN", "x", RunOnly: true, Plain: true)));
        Assert.Equal(5, lab.Last.Facts.SameAs);

        async Task BuildsAnewAsync(string script, params Apps.ConfigVar[] config)
        {
            Assert.IsType<BuildResult.Built>(await lab.BuildAsync(script, null, Token, config));
            Assert.Null(lab.Last.Facts.SameAs);
        }
    }

    [Fact]
    public async Task A_cancelled_build_is_gone_at_once_with_its_processes_mounts_and_loop_device()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var building = lab.BuildAsync("echo under way; (trap '' TERM; sleep 4731) & sleep 4731\n", null, cancel.Token);
        while (!lab.Says("under way"))
        {
            await Task.WhenAny(building, Task.Delay(20, Token));
        }

        var began = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);

        // 2 seconds are promised on a machine that has nothing else to do.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine($"gone after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        lab.AssertNothingLeft();
        Assert.NotEqual(0, (await Testing.Command.RunAsync("pgrep", ["-f", "^sleep 4731$"], Token)).Code);
        Assert.DoesNotContain(lab.Home.Builds, (await Testing.Command.RunAsync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], Token)).Output, StringComparison.Ordinal);
        Assert.Equal(BuildState.Cancelled, lab.Last.State);
    }
}
