using Paas.Client;
using Paas.Dashboard.Pages.Config;
using Paas.Dashboard.Pages.Instances;
using Paas.Dashboard.Pages.Settings;

namespace Paas.Dashboard;

/// <summary>What the rooms make of what is typed.</summary>
public sealed class RoomsTests
{
    [Fact]
    public void A_draft_asks_for_what_was_typed_and_says_what_was_seen()
    {
        var draft = new ConfigDraft();
        draft.Put(new ConfigDraft.Wish("NEW", "x", Removed: false, "run", null, Seen: null));
        draft.Put(new ConfigDraft.Wish("OLD", null, Removed: true, null, null, Seen: "v1"));
        draft.Put(new ConfigDraft.Wish("KEPT", null, Removed: false, null, true, Seen: "v2"));
        var update = draft.ToUpdate();
        Assert.Equal(new Dictionary<string, string?> { ["NEW"] = "x", ["OLD"] = null }, update.Vars);
        Assert.Equal(new Dictionary<string, ConfigMarks> { ["NEW"] = new("run", null), ["KEPT"] = new(null, true) }, update.Marks);
        Assert.Equal(new Dictionary<string, string?> { ["NEW"] = null, ["OLD"] = "v1", ["KEPT"] = "v2" }, update.IfVersions);
        Assert.Equal("paas config set NEW=... --app shop && paas config unset OLD --app shop", draft.Command("shop"));
    }

    [Theory]
    [InlineData(null, "Nothing runs yet: the change is kept for the first push.")]
    [InlineData(12, "Saving makes release v13 and restarts web and worker, new instances beside the old ones.")]
    public void A_review_says_what_saving_costs(int? release, string sentence)
    {
        var deploy = new DeployView(12, "push", "live", null, null, null, null, "admin", [], DateTimeOffset.UnixEpoch, null);
        var model = new ConfigModel(AppOf(release) with { LastDeploy = release is null ? null : deploy }, new Dictionary<string, ConfigVarView>(), ["web", "worker"]);
        Assert.Equal(sentence, model.Effect);
    }

    [Fact]
    public void Scaling_says_what_each_wish_costs_and_its_command()
    {
        var web = new FormationView("web", 1, 512, 512, 1024, "serve");
        var model = new InstancesModel(AppOf(3), [web], Array.Empty<InstanceView>().ToLookup(item => item.Type));
        var draft = new ScaleDraft();
        draft.Put(web, 3, 1024);
        Assert.Equal(
            ["web: 1 to 3 instances. The new ones get requests when they are healthy; the others go on.", "web: 512 to 1024 MB each. Every instance of the app is started anew, beside the old ones."],
            draft.Sentences(model));
        Assert.Equal("paas ps scale web=3 --memory 1024M --app shop", draft.Command("shop"));
        draft.Put(web, 0, 512);
        Assert.Contains("answers with an error", Assert.Single(draft.Sentences(model)), StringComparison.Ordinal);
        draft.Put(web, 1, 512);
        Assert.True(draft.IsEmpty);
    }

    [Theory]
    [InlineData("60", null)]
    [InlineData("0", "Give a whole number of seconds, 1 to 600.")]
    [InlineData("1.5", "Give a whole number of seconds, 1 to 600.")]
    [InlineData("", "Give a whole number of seconds, 1 to 600.")]
    public void A_number_that_cannot_be_is_told_beside_its_field(string typed, string? sentence) => Assert.Equal(sentence, SettingField.HealthTimeout.Fault(typed));

    private static AppView AppOf(int? release) => new(
        "shop", "live", "Live", "", "", ["shop.localhost"], release, new AppSettings(null, null, 60, 30, 10, 900, false), DateTimeOffset.UnixEpoch);
}
