using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.Deploys;
using Paas.Engine;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Dashboard;

/// <summary>The first answer of the pages about deploys and releases, as a browser with a session gets it.</summary>
public sealed class DeployPagesOverHttpTests : IAsyncLifetime
{
    private const string Script = "<script>alert(1)</script>";

    private LiveApp _live = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _live = await LiveApp.StartAsync();

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    [Fact]
    public async Task A_failed_deploy_shows_cause_and_fix_first_and_nothing_of_it_is_markup()
    {
        _live.Paas.Engine.Fails = spec => spec.Env.ContainsKey("BAD") ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;
        var draft = new ReleaseDraft(Digest.Of("image"u8), [new ConfigVar("BAD", "1", false, false)], new Dictionary<string, string> { ["web"] = "serve" }, Script, null, "admin");
        Assert.IsType<DeployResult.Unhealthy>(await _live.Get<Deploy>().ReleaseAsync(_live.App, DeployCause.Config, draft, static _ => { }, Cancelled));

        var story = await PageAsync("/apps/hello/deploys/2");
        Assert.Contains("v2 did not come up", story, StringComparison.Ordinal);
        Assert.Contains("What to do", story, StringComparison.Ordinal);
        Assert.Contains("v1 goes on serving.", story, StringComparison.Ordinal);
        Assert.True(story.IndexOf("What went wrong", StringComparison.Ordinal) < story.IndexOf("Phases", StringComparison.Ordinal));
        Assert.DoesNotContain(Script, story, StringComparison.Ordinal);

        var list = await PageAsync("/apps/hello/deploys");
        Assert.Contains("href=\"/apps/hello/deploys/2\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(Script, list, StringComparison.Ordinal);
        Assert.Contains("never served", await PageAsync("/apps/hello/releases/2/rollback"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_review_of_a_rollback_says_what_will_change_and_the_command()
    {
        using var set = await _live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["PORT_X"] = "secret-value" }));
        set.EnsureSuccessStatusCode();

        var releases = await PageAsync("/apps/hello/releases");
        Assert.Contains("href=\"/apps/hello/releases/1/rollback\"", releases, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/apps/hello/releases/2/rollback\"", releases, StringComparison.Ordinal);

        var review = await PageAsync("/apps/hello/releases/1/rollback");
        Assert.Contains("Config vars: PORT_X removed.", review, StringComparison.Ordinal);
        Assert.Contains("The code stays as it is.", review, StringComparison.Ordinal);
        Assert.Contains("paas rollback v1 --app hello", review, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", review, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deploy_shows_what_its_build_reused_and_made_and_where_it_failed()
    {
        var deploy = _live.Get<DeployStore>().Begin(_live.App.Id, DeployCause.Push, "admin", new string('a', 40), "A change", "main");
        _live.Get<DeployStore>().Save(deploy with { State = DeployState.Failed, Sentence = "It failed. v1 goes on serving.", Phases = [new DeployPhase("build", 1)], EndedAt = deploy.StartedAt });
        var builds = _live.Get<BuildStore>();
        builds.End(builds.Begin(_live.App.Id, deploy.Number, BuildCause.Push, deploy.Commit) with
        {
            State = BuildState.Failed,
            EndedAt = deploy.StartedAt,
            Facts = new BuildFacts
            {
                Buildpacks = [new UsedBuildpack(Script, "1.0.0")],
                Layers = [new BuildLayer("paas/node:modules", "buildpack", "sha256:aa", "sha256:bb", 2048, true, true)],
                Failure = new BuildTrouble("build_failed", "It failed.", "paas/node", "build", 3, ["npm says no"]),
            },
        });

        var story = await PageAsync($"/apps/hello/deploys/{deploy.Number}");

        Assert.Contains("paas/node, build phase, exit code 3", story, StringComparison.Ordinal);
        Assert.Contains("npm says no", story, StringComparison.Ordinal);
        Assert.Contains("1 layer reused, 0 made (0 bytes).", story, StringComparison.Ordinal);
        Assert.Contains("paas/node:modules", story, StringComparison.Ordinal);
        Assert.Contains("restored, reused", story, StringComparison.Ordinal);
        Assert.Contains($"paas builds info {deploy.Number} --app hello", story, StringComparison.Ordinal);
        Assert.DoesNotContain(Script, story, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deploy_that_does_not_exist_is_named()
    {
        var page = await PageAsync("/apps/hello/deploys/99");
        Assert.Contains("There is no deploy v99 of hello", page, StringComparison.Ordinal);
        Assert.DoesNotContain("renamed or destroyed", page, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync(string path)
    {
        using var browser = await _live.Paas.SignedInAsync();
        return await browser.PageAsync(path);
    }
}
