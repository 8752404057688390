using Paas.Client;

namespace Paas.Deploys;

public sealed class DeployFailuresTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("build",
        "package.json has dependencies but there is no package-lock.json, so nobody can say which versions to install. Run 'npm install' and commit package-lock.json. v3 goes on serving.",
        "The build failed",
        "package.json has dependencies but there is no package-lock.json, so nobody can say which versions to install.",
        "Run 'npm install' and commit package-lock.json.",
        "v3 goes on serving.")]
    [InlineData("detect",
        "No buildpack can build this app. Tried, with what each looks for: paas/node (package.json). Add what your kind of app needs to the top folder of the repository and push again. Nothing serves yet.",
        "No buildpack took the app",
        "No buildpack can build this app.",
        "Tried, with what each looks for: paas/node (package.json). Add what your kind of app needs to the top folder of the repository and push again.",
        "Nothing serves yet.")]
    [InlineData("build",
        "The build script failed (exit 1): node build.js. Its lines above say why. v3 goes on serving.",
        "The build failed",
        "The build script failed (exit 1): node build.js.",
        "The last lines of the build say why: mend it and push again.",
        "v3 goes on serving.")]
    [InlineData("build",
        "The build was stopped after its limit of 20 minutes. See in the lines above what took so long, or raise the app's build timeout with 'paas apps set --build-timeout'. Nothing serves yet.",
        "The build failed",
        "The build was stopped after its limit of 20 minutes.",
        "See in the log what took so long, or raise the app's build timeout with 'paas apps set --build-timeout'.",
        "Nothing serves yet.")]
    [InlineData("start",
        "v4 did not come up. web.1 did not listen on port 5000 within 60 s. More time: paas apps set --health-timeout 120. v3 goes on serving.",
        "v4 did not come up",
        "web.1 did not listen on port 5000 within 60 s.",
        "More time: paas apps set --health-timeout 120.",
        "v3 goes on serving.")]
    [InlineData("start",
        "v4 did not come up. web.1 answers 500 on /up; the health check needs 200-399 (after 60 s). v3 goes on serving.",
        "v4 did not come up",
        "web.1 answers 500 on /up; the health check needs 200-399 (after 60 s).",
        "Let that path answer with a status from 200 to 399, or set another health path.",
        "v3 goes on serving.")]
    [InlineData("release",
        "The release command failed (exit 1): v3 goes on serving.",
        "The release command failed",
        "It ended with exit 1.",
        "Its last lines say why: mend it and push again. It ran once, before anything was switched.",
        "v3 goes on serving.")]
    [InlineData("route", "No edge took the routes.", "The routes were not switched", "No edge took the routes.", "The last lines of the build say why: mend it and push again.", null)]
    public void The_sentence_of_a_failed_push_comes_apart_into_cause_and_fix(string phase, string sentence, string title, string cause, string fix, string? now)
    {
        var failure = DeployFailures.Of(Record(DeployState.Failed, phase, sentence))!;
        Assert.Equal((title, phase, cause, fix, now), (failure.Title, failure.Phase, failure.Cause, failure.Fix, failure.Now));
    }

    [Fact]
    public void What_was_cut_off_says_to_push_again()
    {
        var failure = DeployFailures.Of(Record(DeployState.Interrupted, "build", "The platform stopped during the deploy: push again. v3 goes on serving."))!;
        Assert.Equal("The platform stopped during the deploy", failure.Title);
        Assert.Equal("It was restarted, or the machine went down, while this was under way.", failure.Cause);
        Assert.Equal("Push again.", failure.Fix);
    }

    [Theory]
    [InlineData(DeployState.Live)]
    [InlineData(DeployState.Cancelled)]
    [InlineData(DeployState.Building)]
    public void What_did_not_fail_has_no_failure(DeployState state) => Assert.Null(DeployFailures.Of(Record(state, "build", "A sentence.")));

    [Fact]
    public async Task The_last_lines_are_of_the_failed_phase_without_title_and_verdict()
    {
        var record = Record(DeployState.Failed, "build", "It failed.");
        var lines = Enumerable.Range(1, 30).Select(number => new DeployLogLine(number, DateTimeOffset.UnixEpoch, "build", $"line {number}"))
            .Prepend(new DeployLogLine(0, DateTimeOffset.UnixEpoch, "build", "-----> Building"))
            .Append(new DeployLogLine(31, DateTimeOffset.UnixEpoch, "prepare", "other"))
            .Append(new DeployLogLine(32, DateTimeOffset.UnixEpoch, "build", "It failed."));
        var failure = await DeployFailures.WithLastLinesAsync(DeployFailures.Of(record)!, record, lines.ToAsyncEnumerable(), Cancelled);
        Assert.Equal(Enumerable.Range(11, 20).Select(number => $"line {number}"), failure.LastLines);
    }

    private static DeployRecord Record(DeployState state, string phase, string sentence) => new(
        1, 4, DeployCause.Push, state, new string('a', 40), "A change", "main", "ann", sentence,
        [new DeployPhase("prepare", 0.1), new DeployPhase(phase, 1.5)], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
}
