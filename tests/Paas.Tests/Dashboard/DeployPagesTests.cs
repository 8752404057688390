using Paas.Client;
using Paas.Dashboard.Pages.Deploys;
using Paas.Dashboard.Pages.NewApp;
using Paas.Dashboard.Pages.Releases;

namespace Paas.Dashboard;

/// <summary>What pages about deploys, releases and new apps say, without rendering them.</summary>
public sealed class DeployPagesTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("my-app2", null)]
    [InlineData("My", "Use lower-case letters: the name becomes part of the app's address.")]
    [InlineData("my app", "' ' cannot be part of a name: use a-z, 0-9 and '-'.")]
    [InlineData("-my", "Begin with a letter or a digit.")]
    [InlineData("my-", "End with a letter or a digit.")]
    public void A_name_is_judged_while_it_is_typed(string name, string? wrong) => Assert.Equal(wrong, AppNameWords.Of(name));

    [Fact]
    public void A_name_of_63_characters_is_good_and_one_of_64_is_not()
    {
        Assert.Null(AppNameWords.Of(new string('a', 63)));
        Assert.Equal("A name has at most 63 characters; this one has 64.", AppNameWords.Of(new string('a', 64)));
    }

    [Fact]
    public void A_rollback_says_what_happens_to_code_and_config_and_what_stays()
    {
        var target = Release(11);
        var code = new CodeChanges(new string('b', 40), target.Commit!, [], [Commit(), Commit()], [new FileChange("a", 1, 2)], 1, null);
        var changes = new ReleaseChanges(13, 11, true, [new("PORT_X", "changed"), new("NEW", "removed"), new("OLD", "added")], [], code);
        Assert.Equal(
            [
                "The code goes to commit aaaaaaa: 2 commits taken back and 1 file differs.",
                "Config vars: OLD added; NEW removed; PORT_X changed.",
                "Count and size of processes, domains and settings stay as they are.",
                "The new instances start beside the old ones; the routes switch when they are healthy.",
            ],
            RollBackWords.Of(target, changes));
    }

    [Fact]
    public void A_rollback_of_config_alone_says_that_the_code_stays() =>
        Assert.Equal(
            ["The code stays as it is.", "Config vars stay as they are."],
            RollBackWords.Of(Release(11), new ReleaseChanges(13, 11, false, [], [], null)).Take(2));

    [Theory]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u001b]0;title\u0007after", "after")]
    [InlineData("a\u0000b\tc\rd", "ab\tcd")]
    [InlineData("\u202eevil", "evil")]
    [InlineData("<script>", "<script>")]
    public void A_line_is_shown_without_what_steers_a_terminal(string line, string shown) => Assert.Equal(shown, LogText.Plain(line));

    [Fact]
    public void A_deploy_can_be_cancelled_until_the_routes_are_switched()
    {
        Assert.True(DeployWords.CanCancel(Deploy("build", null)));
        Assert.False(DeployWords.CanCancel(Deploy("route", null)));
        Assert.False(DeployWords.CanCancel(Deploy("build", DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public void A_build_says_what_it_reused_and_what_it_made()
    {
        var layer = new BuildLayerView("app", "app", "sha256:aa", "sha256:bb", 2048, false, false);
        var build = new BuildView(7, "push", "built", null, [], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)
        {
            Buildpacks = [new UsedBuildpackView("paas/node", "1.0.0")],
            Layers = [layer, layer with { Reused = true }, layer with { Reused = true, Restored = true }],
        };

        Assert.Equal("By paas/node 1.0.0: 2 layers reused, 1 made (2.0 KB).", BuildWords.Sentence(build));
        Assert.Equal("Nothing had changed since build 3: its layers were taken as they are.", BuildWords.Sentence(build with { SameAs = 3 }));
        Assert.Equal("It looks for buildpacks.", BuildWords.Sentence(build with { State = "running", Buildpacks = [], Layers = [] }));
        Assert.Equal(["made", "reused", "restored, reused"], build.Layers.Select(BuildWords.Was));
        Assert.Equal("paas/node, build phase, exit code 3", BuildWords.Where(new DeployFailure("The build failed", "build", "", "", null) { Buildpack = "paas/node", ExitCode = 3 }));
        Assert.Null(BuildWords.Where(new DeployFailure("The build failed", "build", "", "", null)));
    }

    private static DeployView Deploy(string phase, DateTimeOffset? ended) =>
        new(4, "push", "building", null, new string('a', 40), "A change", "main", "ann", [new PhaseView(phase, null)], DateTimeOffset.UnixEpoch, ended);

    private static ReleaseView Release(int number) =>
        new(number, false, true, "Push aaaaaaa: A change", "sha256:00", new string('a', 40), "ann", new Dictionary<string, string>(), [], DateTimeOffset.UnixEpoch);

    private static CommitView Commit() => new(new string('c', 40), "ann", DateTimeOffset.UnixEpoch, "A change");
}
