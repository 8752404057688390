using Paas.Client;

namespace Paas.Dashboard.Live;

public sealed class FeedStateTests
{
    private static readonly EventView Ready = new("ready", null, null, null, null, null);

    [Fact]
    public void State_comes_first_and_changes_after_it()
    {
        var state = FeedState.Empty.With(App("shop", "empty")).With(Ready).With(App("shop", "live"));
        Assert.Equal("live", Assert.Single(state.Apps).Value.State);
    }

    [Fact]
    public void After_a_restart_an_app_that_is_not_told_again_is_gone()
    {
        var state = FeedState.Empty.With(App("old", "live")).With(App("shop", "live")).With(Ready);
        Assert.Equal(["old", "shop"], state.Apps.Keys);
        Assert.Equal(["shop"], state.With(App("shop", "live")).With(Ready).Apps.Keys);
    }

    [Fact]
    public void Each_event_about_an_app_makes_what_was_loaded_of_it_stale()
    {
        var before = FeedState.Empty.With(App("shop", "live"));
        Assert.Equal(before.ChangesOf("shop") + 1, before.With(new EventView("instance", "shop", null, null, null, null)).ChangesOf("shop"));
        Assert.Equal(before.ChangesOf("shop"), before.With(App("other", "live")).ChangesOf("shop"));
    }

    [Fact]
    public void A_destroyed_app_leaves() => Assert.Empty(FeedState.Empty.With(App("shop", "live")).With(new EventView("app.gone", "shop", null, null, null, null)).Apps);

    private static EventView App(string name, string state) => new(
        "app",
        name,
        new AppView(name, state, "", "", "", [], null, new AppSettings(null, null, 60, 30, 10, 900, false), DateTimeOffset.UnixEpoch),
        null,
        null,
        null);
}
