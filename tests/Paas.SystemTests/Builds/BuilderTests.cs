using Paas.Apps;

namespace Paas.Builds;

public sealed class BuilderTests
{
    private const string Launch = """
        cat > "$CNB_LAYERS_DIR/launch.toml" <<'END'
        [[processes]]
        type = "web"
        command = ["bash", "app.sh"]
        default = true
        END

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_becomes_an_image_on_the_run_image()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var result = await lab.BuildAsync(
            "id -u; echo \"value $SHOWN\"; echo \"hidden [${HIDDEN:-}]\"; touch /workspace/made\n" + Launch,
            null,
            Token,
            new ConfigVar("SHOWN", "yes", RunOnly: false, Plain: true),
            new ConfigVar("HIDDEN", "no", RunOnly: true, Plain: true));

        var built = Assert.IsType<BuildResult.Built>(result);
        Assert.Equal("bash app.sh", built.Processes["web"]);
        Assert.Equal(["prepare", "detect", "restore", "build", "export"], lab.Phases);
        Assert.Contains("1001", lab.Lines);
        Assert.Contains("value yes", lab.Lines);
        Assert.Contains("hidden []", lab.Lines);
        var image = await lab.Images.ReadAsync(built.Image, Token);
        Assert.Equal("1002:1000", image.Config.Config!.User);
        Assert.Contains(await lab.Images.UnpackAsync(image, Token), layer => File.Exists(Path.Combine(layer, "workspace/made")));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_cached_layer_comes_back_and_what_is_written_over_it_stays_out_of_the_old_one()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        var script = """
            layer="$CNB_LAYERS_DIR/deps"
            echo "found [$(cat "$layer/count" 2>/dev/null || true)]"
            mkdir -p "$layer"; echo -n x >> "$layer/count"
            printf '[types]\ncache = true\n' > "$layer.toml"

            """ + Launch;

        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(script, null, Token));
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(script, null, Token));
        Assert.IsType<BuildResult.Built>(await lab.BuildAsync(script, null, Token));

        Assert.Equal(["found []", "found [x]", "found [xx]"], lab.Lines.Where(line => line.StartsWith("found", StringComparison.Ordinal)));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_failed_build_says_what_its_buildpack_said()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("echo 'ERROR[lock_file_missing]: package-lock.json is missing.' >&2; exit 7\n", null, Token));

        Assert.Equal(("lock_file_missing", "package-lock.json is missing."), (failed.Code, failed.Sentence));
        Assert.Equal(("test/shell", 7), (failed.Buildpack, failed.ExitCode));
        var written = lab.Builds.Find(1, 1)!.Facts.Failure!;
        Assert.Equal(("test/shell", "build", 7), (written.Buildpack, written.Phase, written.ExitCode));
        Assert.Equal(["ERROR[lock_file_missing]: package-lock.json is missing."], written.LastLines);
        Assert.Contains(lab.Lines, line => line.StartsWith("test/shell failed in the build phase with exit code 7, after prepare ", StringComparison.Ordinal));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_fills_its_disk_fails_alone()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { DiskBytes = 64L << 20 }, Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("dd if=/dev/zero of=/workspace/big bs=1M count=20000\n", null, Token));

        Assert.Equal("build_disk", failed.Code);
        Assert.StartsWith("The build filled its disk of 64 MB.", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_takes_too_long_is_stopped()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("sleep 1000\n", TimeSpan.FromSeconds(8), Token));

        Assert.Equal("build_timeout", failed.Code);
        Assert.StartsWith("The build was stopped after its limit of 8 seconds.", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_needs_too_much_memory_is_killed()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { MemoryBytes = 64L << 20 }, Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("python3 -c 'x = bytearray(512 << 20)'\n", null, Token));

        Assert.Equal("build_memory", failed.Code);
        Assert.Contains("more than 64 MB of memory", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_fork_bomb_meets_the_limit_of_processes()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { Pids = 64 }, Token);

        var failed = Assert.IsType<BuildResult.Failed>(
            await lab.BuildAsync("for i in $(seq 500); do sleep 1000 & done\n", TimeSpan.FromMinutes(2), Token));

        Assert.Equal("build_pids", failed.Code);
        Assert.Contains("64 processes and threads", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_opens_ten_thousand_files_meets_the_limit_of_one_process()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildAsync("python3 -c 'files = [open(\"/dev/null\") for n in range(10000)]'\n", null, Token));

        Assert.Equal("build_files", failed.Code);
        Assert.Contains("8192 files open at once", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task What_a_killed_control_left_of_a_build_is_gone_after_the_next_start()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        var disk = await Engine.Native.Disk.LoopFile.CreateAsync(
            Path.Combine(lab.Home.Builds, "hello.1.img"), Path.Combine(lab.Home.Builds, "hello.1"), 32L << 20, Token);
        Assert.True(Directory.Exists(disk.MountPoint));
        Directory.CreateDirectory(Path.Combine(lab.Home.Run, "builds", "hello.1", "platform", "env"));

        BuildsSweep.Run(lab.Home);
        Directory.CreateDirectory(Path.Combine(lab.Home.Run, "builds"));

        lab.AssertNothingLeft();
    }
}
