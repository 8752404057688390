using Paas.Buildpacks;

namespace Paas.Builds;

public sealed class BuildFailuresTests
{
    private static readonly Dictionary<string, string> LooksFor = new() { ["paas/node"] = "a package.json", ["paas/static"] = "an index.html" };

    [Fact]
    public void No_buildpack_lists_what_was_tried_and_what_each_looks_for()
    {
        var failure = new LifecycleFailure.NoGroupPassed([Verdict("paas/node"), Verdict("paas/static"), Verdict("paas/node")]);

        var failed = BuildFailures.Of(failure, LooksFor, Observed());

        Assert.Equal("no_buildpack", failed.Code);
        Assert.Equal(
            "No buildpack can build this app. Tried, with what each looks for: paas/node (a package.json); paas/static (an index.html). "
            + "Add what your kind of app needs to the top folder of the repository and push again.",
            failed.Sentence);
    }

    [Fact]
    public void A_buildpacks_own_word_is_the_sentence_and_its_code_the_code()
    {
        var failed = Failed("npm: hm", "ERROR[lock_file_missing]: package-lock.json is missing: run npm install and commit it.", "exit");

        Assert.Equal(("lock_file_missing", "package-lock.json is missing: run npm install and commit it."), (failed.Code, failed.Sentence));
    }

    [Theory]
    [InlineData("lock_file_missing: There is no package-lock.json. Commit one.", "lock_file_missing", "There is no package-lock.json. Commit one.")]
    [InlineData("npm ci failed. Run 'npm install' and commit both.", "build_failed", "npm ci failed. Run 'npm install' and commit both.")]
    public void The_last_line_of_a_buildpack_of_ours_is_the_sentence(string line, string code, string sentence) =>
        Assert.Equal((code, sentence), Said("npm error code 1", line));

    [Fact]
    public void Somebody_elses_buildpack_may_say_error_in_colour() =>
        Assert.Equal(("build_failed", "cannot find a Gemfile"), Said("\x1b[31mError: cannot find a Gemfile\x1b[0m"));

    [Fact]
    public void A_silent_buildpack_is_named_with_its_exit_code() => Assert.Equal(
        ("build_failed", "Buildpack paas/node failed with exit code 3. The lines above say why."), Said("something"));

    [Theory]
    [InlineData("cp: error writing 'x': No space left on device", "build_disk", "The build filled its disk of 10 GB.")]
    [InlineData("npm ERR! code ENOSPC", "build_disk", "The build filled its disk of 10 GB.")]
    [InlineData("Error: EMFILE: too many open files, open 'x'", "build_files", "A process of the build had 8192 files open at once")]
    [InlineData("bash: fork: retry: Resource temporarily unavailable", "build_pids", "The build started more than 1024 processes and threads")]
    public void A_limit_explains_more_than_the_last_word(string line, string code, string begins)
    {
        var observed = Observed();
        BuildFailures.Read(line, observed);

        var failed = BuildFailures.Of(new LifecycleFailure.BuildpackFailed("paas/node", 1, ["ERROR: gave up"]), LooksFor, observed);

        Assert.Equal(code, failed.Code);
        Assert.StartsWith(begins, failed.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_memory_is_said_with_the_limit()
    {
        var observed = Observed();
        observed.OutOfMemory = true;

        var failed = BuildFailures.Of(new LifecycleFailure.BuildpackFailed("paas/node", 137, []), LooksFor, observed);

        Assert.Equal("build_memory", failed.Code);
        Assert.StartsWith("The build was killed because it needed more than 2 GB of memory.", failed.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_failed_and_how_is_part_of_it()
    {
        var failed = Failed("one", "ERROR: two");

        Assert.Equal(("paas/node", 3), (failed.Buildpack, failed.ExitCode));
        Assert.Equal(["one", "ERROR: two"], failed.LastLines!);
    }

    [Theory]
    [InlineData(900, "The build was stopped after its limit of 15 minutes.")]
    [InlineData(10, "The build was stopped after its limit of 10 seconds.")]
    public void A_timeout_names_its_limit(int seconds, string begins) =>
        Assert.StartsWith(begins, BuildFailures.Timeout(TimeSpan.FromSeconds(seconds), Observed()).Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_build_that_hung_because_it_could_not_fork_is_told_so()
    {
        var observed = Observed();
        BuildFailures.Read("environment: fork: retry: Resource temporarily unavailable", observed);
        Assert.Equal("build_pids", BuildFailures.Timeout(TimeSpan.FromSeconds(60), observed).Code);
    }

    private static BuildResult.Failed Failed(params string[] lines) =>
        BuildFailures.Of(new LifecycleFailure.BuildpackFailed("paas/node", 3, lines), LooksFor, Observed());

    private static (string Code, string Sentence) Said(params string[] lines) => Failed(lines) switch { var failed => (failed.Code, failed.Sentence) };

    private static DetectVerdict Verdict(string id) => new(id, "1", DetectOutcome.Failed, 100, null);

    private static BuildObservations Observed() => new(new BuildsOptions());
}
