using System.Diagnostics;
using Paas.Apps;
using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>Dockerfiles by the real buildah, in the real sandbox.</summary>
public sealed class DockerfileBuildTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_run_as_root_of_the_sandbox_and_afterwards_as_the_user_that_the_Dockerfile_names()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var built = Built(await lab.BuildDockerfileAsync(
            """
            FROM debian:13
            RUN id -u && mkdir /data && echo made > /data/file && chown -R 33:33 /data
            COPY app.txt /srv/
            USER 33
            RUN id -u && cat /data/file && (touch /etc/no 2>/dev/null || echo refused)
            HEALTHCHECK --interval=5s CMD /bin/true
            EXPOSE 8080
            ENTRYPOINT ["/bin/cat"]
            CMD ["/srv/app.txt"]
            """,
            Token,
            folder => File.WriteAllText(Path.Combine(folder, "app.txt"), "hello\n")), lab);

        Assert.Equal(["prepare", "build", "export"], lab.Phases);
        Assert.Subset(lab.Lines.ToHashSet(), new HashSet<string> { "0", "33", "made", "refused", "STEP 1/9: FROM debian:13" });
        Assert.Equal("/bin/cat /srv/app.txt", built.Processes["web"]);
        var image = await lab.Images.ReadAsync(built.Image, Token);
        Assert.Equal("33", image.Config.Config!.User);
        Assert.Equal(["8080/tcp"], image.Config.Config.ExposedPorts!.Keys);
        Assert.Equal(5_000_000_000, image.Config.Config.Healthcheck!.Interval);
        var layers = await lab.Images.UnpackAsync(image, Token);
        Assert.Contains(layers, layer => File.Exists(Path.Combine(layer, "srv/app.txt")));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_machine_without_user_namespaces_says_so()
    {
        await using var lab = await BuildLab.StartAsync(options => options, Token, userNamespaces: false);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildDockerfileAsync("FROM debian:13\nCMD [\"/a\"]\n", Token));

        Assert.Equal("dockerfile_unsupported", failed.Code);
        Assert.StartsWith("Dockerfiles cannot be built on this server: they need user namespaces with mapped mounts", failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_machine_without_user_namespaces_builds_with_buildpacks()
    {
        await using var lab = await BuildLab.StartAsync(options => options, Token, userNamespaces: false);

        var built = await lab.BuildAsync("id -u; mkdir \"$CNB_LAYERS_DIR/a\"; echo x > \"$CNB_LAYERS_DIR/a/file\"; printf '[types]\\nlaunch = true\\n' > \"$CNB_LAYERS_DIR/a.toml\"\n", null, Token);

        Assert.True(built is BuildResult.Built, $"{built}\n{string.Join('\n', lab.Lines)}");
        Assert.Contains("1001", lab.Lines);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_second_build_uses_the_layers_of_the_first_and_the_same_layers_of_its_base()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        const string text = "FROM debian:13\nRUN date +%N > /when\nCOPY app.txt /\nCMD [\"/bin/true\"]\n";

        var first = Built(await lab.BuildDockerfileAsync(text, Token, folder => File.WriteAllText(Path.Combine(folder, "app.txt"), "1")), lab);
        Assert.True(lab.DockerfileCache.BytesOf(1) > 0);
        var second = Built(await lab.BuildDockerfileAsync(text, Token, folder => File.WriteAllText(Path.Combine(folder, "app.txt"), "2")), lab);

        var (one, two) = (await lab.Images.ReadAsync(first.Image, Token), await lab.Images.ReadAsync(second.Image, Token));
        Assert.Equal(one.Config.RootFs.DiffIds.SkipLast(1), two.Config.RootFs.DiffIds.SkipLast(1));
        Assert.NotEqual(one.Config.RootFs.DiffIds[^1], two.Config.RootFs.DiffIds[^1]);
        Assert.Equal(one.Manifest.Layers[0], two.Manifest.Layers[0]);
        lab.AssertNothingLeft();

        Assert.True(lab.DockerfileCache.Clear(1) > 0);
        Assert.Equal(0, lab.DockerfileCache.BytesOf(1));
    }

    [Fact]
    public async Task Stages_copy_from_each_other_and_from_images_and_variables_choose_them()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var built = Built(await lab.BuildDockerfileAsync(
            """
            # syntax=docker/dockerfile:1
            ARG VERSION=13
            FROM debian:${VERSION} AS build
            RUN <<END
            echo one > /made
            END
            FROM other@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS unused
            RUN false
            FROM scratch
            COPY --from=build /made /a
            COPY --from=0 /made /b
            COPY --from=registry.example.com:5000/tools:1 /etc/os-release /c
            CMD ["/a"]
            """,
            Token), lab);

        var image = await lab.Images.ReadAsync(built.Image, Token);
        var files = (await lab.Images.UnpackAsync(image, Token)).SelectMany(layer => Directory.GetFiles(layer)).Select(Path.GetFileName).Order();
        Assert.Equal(["a", "b", "c"], files);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task The_third_step_that_fails_is_named_with_its_exit_code_and_nothing_is_left()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildDockerfileAsync("FROM debian:13\nRUN echo fine\nRUN echo why; exit 7\nCMD [\"/a\"]\n", Token));

        Assert.Equal("dockerfile_step_failed", failed.Code);
        Assert.Equal("Step 3 of the Dockerfile failed: RUN echo why; exit 7 ended with exit code 7.", failed.Sentence);
        Assert.Contains("why", lab.Lines);
        Assert.Equal(0, lab.DockerfileCache.BytesOf(1));
        lab.AssertNothingLeft();
    }

    [Theory]
    [InlineData("FROM debian:13\nCOPY nothing /\nCMD [\"/a\"]\n", "dockerfile_step_failed", "Step 2 of the Dockerfile failed: COPY nothing /: ")]
    [InlineData("FROM debian:13\nENTRYPOINT []\nCMD []\n", "dockerfile_no_process", "Dockerfile does not say what to run: ")]
    [InlineData("FROM missing:1\nCMD [\"/a\"]\n", "dockerfile_image", "The image missing:1, which line 1 of Dockerfile names, cannot be had. There is no such image.")]
    [InlineData("FROM debian:13\n\nRUNN a\n", "dockerfile_invalid", "Line 3 of Dockerfile cannot be understood: 'RUNN' is no instruction.")]
    public async Task What_is_wrong_with_a_Dockerfile_is_said(string text, string code, string sentence)
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildDockerfileAsync(text, Token));

        Assert.Equal(code, failed.Code);
        Assert.StartsWith(sentence, failed.Sentence, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task Secrets_are_there_in_the_step_that_mounts_them_and_in_no_layer()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        var built = Built(await lab.BuildDockerfileAsync(
            "FROM debian:13\nARG SHOWN\nARG TOKEN\nRUN --mount=type=secret,id=TOKEN echo \"$SHOWN ${TOKEN:-none} $(wc -c < /run/secrets/TOKEN)\" > /told; cat /told\nCMD [\"/a\"]\n",
            Token,
            null,
            null,
            new ConfigVar("SHOWN", "yes", RunOnly: false, Plain: true),
            new ConfigVar("TOKEN", "a secret of 20 chars", RunOnly: false, Plain: false)), lab);

        Assert.Contains("yes none 20", lab.Lines);
        var image = await lab.Images.ReadAsync(built.Image, Token);
        Assert.DoesNotContain("a secret of 20", System.Text.Json.JsonSerializer.Serialize(image.Config, OciJson.Canonical.ImageConfig), StringComparison.Ordinal);
        foreach (var layer in (await lab.Images.UnpackAsync(image, Token)).Take(image.Manifest.Layers.Count - 1))
        {
            Assert.DoesNotContain(Directory.EnumerateFiles(layer, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }), file =>
                new FileInfo(file).Length < 1 << 20 && File.ReadAllText(file).Contains("a secret of 20", StringComparison.Ordinal));
        }

        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_step_has_no_way_to_the_host()
    {
        await using var lab = await BuildLab.StartAsync(Token);

        Built(await lab.BuildDockerfileAsync(
            """
            FROM debian:13
            RUN grep -c "^CapEff:.0000000000000000$" /proc/self/status | sed s/^/alleffective=/
            RUN awk '{ print "map=" $1 "," ($2 >= 536870912) }' /proc/self/uid_map
            RUN (mknod /tmp/disk b 8 0 2>&1 || echo no device) | tail -1
            RUN (echo 1 > /proc/sys/kernel/panic) 2>/dev/null && echo wrote || echo no kernel
            RUN (echo b > /proc/sysrq-trigger) 2>/dev/null && echo wrote || echo no sysrq
            RUN grep "^NoNewPrivs" /proc/self/status | tr -d '[:space:]'
            RUN ls / | tr '\n' ' '
            CMD ["/a"]
            """,
            Token), lab);

        Assert.Contains("map=0,1", lab.Lines);
        Assert.Contains("no device", lab.Lines);
        Assert.Contains("no kernel", lab.Lines);
        Assert.Contains("no sysrq", lab.Lines);
        Assert.Contains(lab.Lines, line => line.Contains("NoNewPrivs:1", StringComparison.Ordinal));
        Assert.DoesNotContain("wrote", lab.Lines);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_step_that_fills_the_disk_ends_alone_and_is_told()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { DiskBytes = 700L << 20 }, Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildDockerfileAsync("FROM debian:13\nRUN dd if=/dev/zero of=/big bs=1M\nCMD [\"/a\"]\n", Token));

        Assert.Equal("build_disk", failed.Code);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_step_that_forks_without_end_ends_with_its_time_and_is_told()
    {
        await using var lab = await BuildLab.StartAsync(options => options with { Pids = 100 }, Token);

        var failed = Assert.IsType<BuildResult.Failed>(await lab.BuildDockerfileAsync(
            "FROM debian:13\nRUN [\"/bin/bash\", \"-c\", \"for i in {1..300}; do sleep 300 & done; wait\"]\nCMD [\"/a\"]\n", Token, null, TimeSpan.FromSeconds(60)));

        Assert.Equal("build_pids", failed.Code);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_cancelled_build_is_gone_and_leaves_nothing_mounted()
    {
        await using var lab = await BuildLab.StartAsync(Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var build = lab.BuildDockerfileAsync("FROM debian:13\nRUN echo begun && sleep 600\nCMD [\"/a\"]\n", cancel.Token);
        while (!lab.Says("begun") && !build.IsCompleted)
        {
            await Task.Delay(50, Token);
        }

        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
        Assert.Equal(0, lab.DockerfileCache.BytesOf(1));
        lab.AssertNothingLeft();
    }

    private static BuildResult.Built Built(BuildResult result, BuildLab lab) =>
        Assert.IsType<BuildResult.Built>(result is BuildResult.Failed failed ? throw new InvalidOperationException($"{failed.Sentence}\n{string.Join('\n', lab.Lines)}") : result);
}
