using Paas.Client;
using Paas.Testing;

namespace Paas.Activity;

/// <summary>What the dashboard lives on: every change of a push, in order, and nothing missed by who comes back.</summary>
public sealed class EventStreamTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_is_told_in_order_and_who_comes_back_misses_nothing()
    {
        await using var app = await PushedApp.CreateAsync(platform, "answers");
        await using var reader = await EventReader.OpenAsync(platform, null, Cancelled);
        var state = await reader.UntilAsync(view => view.Kind == "ready");
        Assert.Contains(state, item => item.Event is { Kind: "app", AppState.State: "empty" } && item.Event.App == app.Name);
        Assert.NotNull(state[^1].Id);

        (await app.PushAsync()).Succeeded();
        var told = (await reader.UntilAsync(view => view.App == app.Name && view.AppState is { State: "live" })).Where(item => item.Event.App == app.Name).ToList();
        Assert.Equal(["building", "starting", "live"], Changes(told.Select(item => item.Event.Deploy?.State)));
        Assert.Equal(["starting", "live"], Changes(told.Select(item => item.Event.Instance?.State)));
        Assert.Equal(["deploying", "live"], Changes(told.Select(item => item.Event.AppState?.State)));
        Assert.Contains(told, item => item.Event.Release is { Number: 1, Good: true, Current: true });
        Assert.True(IndexOf(view => view.Instance is { State: "live" }) < IndexOf(view => view.Deploy is { State: "live" }));

        await using var back = await EventReader.OpenAsync(platform, state[^1].Id, Cancelled);
        var again = (await back.UntilAsync(view => view.App == app.Name && view.AppState is { State: "live" })).Where(item => item.Event.App == app.Name).ToList();
        Assert.Equal(told.Select(item => item.Id), again.Select(item => item.Id));

        int IndexOf(Func<EventView, bool> condition) => told.FindIndex(item => condition(item.Event));
    }

    /// <summary>Each state once, however many events told it.</summary>
    private static List<string> Changes(IEnumerable<string?> states)
    {
        var changes = new List<string>();
        foreach (var state in states.OfType<string>().Where(state => changes is not [.., var last] || last != state))
        {
            changes.Add(state);
        }

        return changes;
    }
}
