namespace Paas.Buildpacks;

public sealed class DetectTests : IDisposable
{
    private const string No = "exit 100";
    private readonly LifecycleBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("yes", "yes")]
    [InlineData("no? yes", "yes")]
    [InlineData("yes no?", "yes")]
    [InlineData("no | yes", "yes")]
    [InlineData("yes no | also yes", "also yes")]
    [InlineData("broken? yes", "yes")]
    [InlineData("yes | also", "yes")]
    [InlineData("yes yes also", "yes also")]
    public async Task The_first_group_whose_required_buildpacks_pass_builds(string order, string group)
    {
        AddThree();

        var result = await _bench.DetectAsync(order);

        Assert.Equal(group, string.Join(' ', result.Group.Select(buildpack => buildpack.Id)));
    }

    [Theory]
    [InlineData("no")]
    [InlineData("no?")]
    [InlineData("yes no")]
    public async Task No_group_is_a_failure_that_lists_what_was_tried(string order)
    {
        AddThree();

        var failure = await Assert.ThrowsAsync<LifecycleFailure.NoGroupPassed>(() => _bench.DetectAsync(order));

        Assert.Equal(20, failure.ExitCode);
        Assert.Equal("detect", failure.Phase);
        Assert.Contains(failure.Tried, verdict => verdict is { Buildpack: "no", Outcome: DetectOutcome.Failed, ExitCode: 100 });
    }

    [Fact]
    public async Task The_sentence_gives_each_buildpacks_own_reason()
    {
        _bench.Add("paas/node", "echo 'looking' >&2\necho 'no package.json' >&2\n" + No);
        _bench.Add("paas/static", No);

        var failure = await Assert.ThrowsAsync<LifecycleFailure.NoGroupPassed>(() => _bench.DetectAsync("paas/node | paas/static"));

        Assert.Equal("No buildpack recognised this app. Tried: paas/node (no: no package.json); paas/static (no).", failure.Message);
        Assert.Empty(_bench.Lines);
    }

    [Fact]
    public async Task A_detect_that_breaks_is_told_apart_and_its_output_shown()
    {
        _bench.Add("broken", "echo 'jq: not found' >&2\nexit 3");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() => _bench.DetectAsync("broken"));

        Assert.Equal(21, failure.ExitCode);
        Assert.Equal("broken", failure.Buildpack);
        Assert.Equal(["jq: not found"], _bench.Lines);
        Assert.Contains("broken (failed with exit code 3)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buildpacks_that_trust_each_other_are_asked_in_one_sandbox()
    {
        _bench.Add("paas/no", "echo looked\n" + No, together: true);
        _bench.Add("paas/broken", "echo 'jq: not found' >&2\nexit 3", together: true);
        _bench.Add("paas/yes", "test \"$CNB_BUILDPACK_DIR\" != \"\"\necho '[[provides]]\nname = \"x\"\n[[requires]]\nname = \"x\"' > \"$CNB_BUILD_PLAN_PATH\"", together: true);
        _bench.Add("other", "exit 0");

        var result = await _bench.DetectAsync("paas/no | paas/broken other | paas/yes other");

        Assert.Equal(["paas/yes", "other"], result.Group.Select(buildpack => buildpack.Id));
        Assert.Equal("x", Assert.Single(result.Plan.Entries).Name);
        Assert.Equal(["jq: not found"], _bench.Lines);
        Assert.Equal(2, _bench.Commands);
    }

    [Fact]
    public async Task A_build_plan_that_is_no_toml_counts_as_broken()
    {
        _bench.Add("broken", "echo 'provides = [' > \"$2\"");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() => _bench.DetectAsync("broken"));

        Assert.Contains("broken (failed: its build plan is wrong: line 2, column 1:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_plan_that_is_a_link_is_not_followed()
    {
        _bench.Add("sly", "ln -sf /etc/passwd \"$CNB_BUILD_PLAN_PATH\"");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() => _bench.DetectAsync("sly"));

        Assert.Contains("symbolic link", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_are_matched_through_the_files_the_scripts_write()
    {
        _bench.Add("node", "printf '[[provides]]\\nname = \"node\"\\n' > \"$CNB_BUILD_PLAN_PATH\"");
        _bench.Add("npm", "printf '[[requires]]\\nname = \"node\"\\n[requires.metadata]\\nversion = \"24\"\\n' > \"$2\"");

        var result = await _bench.DetectAsync("node | node npm");

        Assert.Equal(["node", "npm"], result.Group.Select(buildpack => buildpack.Id));
        Assert.Equal("24", result.Plan.Entries.Single().Requires.Single().Metadata.Text("version"));
    }

    [Fact]
    public async Task A_buildpack_is_asked_once_in_however_many_groups_it_stands()
    {
        var asked = Path.Combine(_bench.Root, "asked");
        _bench.Add("first", $"echo x >> {asked}");
        _bench.Add("no", No);

        await _bench.DetectAsync("first no | first no | first");

        Assert.Equal("x\n", await File.ReadAllTextAsync(asked, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_composite_expands_into_its_groups_and_an_optional_one_may_be_left_out()
    {
        AddThree();
        AddComposite("all", "[[order]]\n[[order.group]]\nid = \"no\"\n[[order]]\n[[order.group]]\nid = \"also\"\n");
        AddComposite("none", "[[order]]\n[[order.group]]\nid = \"no\"\n");

        var expanded = await _bench.DetectAsync("all yes");
        var leftOut = await _bench.DetectAsync("none? yes");

        Assert.Equal(["also", "yes"], expanded.Group.Select(buildpack => buildpack.Id));
        Assert.Equal(["yes"], leftOut.Group.Select(buildpack => buildpack.Id));
    }

    [Fact]
    public async Task A_composite_that_contains_itself_is_refused()
    {
        AddComposite("loop", "[[order]]\n[[order.group]]\nid = \"loop\"\n");

        await Assert.ThrowsAsync<LifecycleFailure.InvalidBuildpack>(() => _bench.DetectAsync("loop"));
    }

    [Fact]
    public async Task Composites_that_come_to_more_groups_than_anybody_could_try_are_told()
    {
        _bench.Add("no", No);
        for (var i = 0; i < 12; i++)
        {
            var next = i == 11 ? "no" : $"c{i + 1}";
            AddComposite($"c{i}", string.Concat(Enumerable.Repeat($"[[order]]\n[[order.group]]\nid = \"{next}\"\n[[order.group]]\nid = \"{next}\"\n", 8)));
        }

        var failure = await Assert.ThrowsAsync<LifecycleFailure.InvalidBuildpack>(() => _bench.DetectAsync("c0"));

        Assert.EndsWith("the orders of buildpacks that consist of others come to too many groups to try.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_of_many_members_is_no_burden()
    {
        _bench.Add("yes", "");

        var result = await _bench.DetectAsync(string.Join(' ', Enumerable.Repeat("yes", 50_000)));

        Assert.Equal("yes", result.Group.Single().Id);
    }

    [Fact]
    public async Task An_order_that_names_an_absent_buildpack_says_so()
    {
        var failure = await Assert.ThrowsAsync<LifecycleFailure.InvalidBuildpack>(() => _bench.DetectAsync("absent"));

        Assert.Equal("Buildpack absent cannot be used: the order names version (any), which is not installed.", failure.Message);
    }

    [Theory]
    [InlineData("[[targets]]\nos = \"linux\"\narch = \"amd64\"\n[[targets.distros]]\nname = \"debian\"\nversion = \"13\"", true)]
    [InlineData("[[targets]]\nos = \"windows\"\n[[targets]]\nos = \"linux\"", true)]
    [InlineData("[[targets]]\narch = \"arm64\"", false)]
    [InlineData("[[targets]]\nos = \"linux\"\n[[targets.distros]]\nname = \"ubuntu\"\nversion = \"24.04\"", false)]
    public async Task A_buildpack_for_other_machines_is_not_asked(string targets, bool asked)
    {
        _bench.Add("picky", "", more: targets);

        var verdicts = asked
            ? (await _bench.DetectAsync("picky")).Tried
            : (await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() => _bench.DetectAsync("picky"))).Tried;

        Assert.Equal(asked ? DetectOutcome.Passed : DetectOutcome.WrongTarget, verdicts.Single().Outcome);
    }

    [Fact]
    public async Task That_a_buildpack_is_for_other_machines_is_told_in_a_sentence()
    {
        _bench.Add("picky", "", more: "[[targets]]\nos = \"windows\"");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.DetectErrored>(() => _bench.DetectAsync("picky"));

        Assert.Equal("No buildpack recognised this app, and picky is not made for the run image. Tried: picky (not for this kind of machine).", failure.Message);
        Assert.Equal(21, failure.ExitCode);
    }

    [Theory]
    [InlineData("0.7", "CNB_BUILDPACK_DIR CNB_STACK_ID")]
    [InlineData("0.8", "CNB_BUILDPACK_DIR CNB_BUILD_PLAN_PATH CNB_PLATFORM_DIR CNB_STACK_ID")]
    [InlineData("0.10", "CNB_BUILDPACK_DIR CNB_BUILD_PLAN_PATH CNB_PLATFORM_DIR CNB_STACK_ID CNB_TARGET_ARCH CNB_TARGET_DISTRO_NAME CNB_TARGET_DISTRO_VERSION CNB_TARGET_OS")]
    [InlineData("0.12", "CNB_BUILDPACK_DIR CNB_BUILD_PLAN_PATH CNB_EXEC_ENV CNB_PLATFORM_DIR CNB_STACK_ID CNB_TARGET_ARCH CNB_TARGET_DISTRO_NAME CNB_TARGET_DISTRO_VERSION CNB_TARGET_OS")]
    public async Task The_environment_follows_the_buildpacks_api(string api, string expected)
    {
        var seen = Path.Combine(_bench.Root, "seen");
        _bench.Add("env", $"test -z \"${{SECRET-}}\"; compgen -e | grep ^CNB_ | LC_ALL=C sort | xargs > {seen}", api: api);

        await _bench.DetectAsync("env");

        Assert.Equal(expected, (await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken)).Trim());
    }

    [Theory]
    [InlineData("", "from the user")]
    [InlineData("clear-env = true", "unset")]
    public async Task Variables_of_the_platform_are_set_unless_the_buildpack_wants_none(string more, string expected)
    {
        var seen = Path.Combine(_bench.Root, "seen");
        LifecycleBench.Write(Path.Combine(_bench.Dirs.Platform, "env/GREETING"), "from the user");
        _bench.Add("env", $"echo \"${{GREETING-unset}}\" > {seen}", more: more);

        await _bench.DetectAsync("env");

        Assert.Equal(expected, (await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken)).Trim());
    }

    [Theory]
    [InlineData("0.6")]
    [InlineData("0.13")]
    [InlineData("1.0")]
    [InlineData("x")]
    public void A_buildpack_of_another_api_is_refused(string api)
    {
        var failure = Assert.Throws<LifecycleFailure.IncompatibleBuildpack>(() => _bench.Add("old", "", api: api));

        Assert.Equal($"Buildpack old needs buildpack API {api}; this platform speaks 0.7 to 0.12.", failure.Message);
        Assert.Equal(12, failure.ExitCode);
    }

    private void AddThree()
    {
        _bench.Add("yes", "");
        _bench.Add("also", "");
        _bench.Add("no", No);
        _bench.Add("broken", "exit 1");
    }

    private void AddComposite(string id, string order) => _bench.Add(id, No, more: order);
}
