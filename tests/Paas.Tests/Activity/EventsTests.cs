using Paas.Client;

namespace Paas.Activity;

public sealed class EventsTests
{
    private readonly Events _events = new();

    [Fact]
    public async Task A_reader_gets_what_is_published_after_it_came_for_its_team_only()
    {
        Publish("before", 1);
        using var reader = _events.Subscribe(1, null);
        Publish("other", 2);
        Publish("mine", 1);
        Assert.Null(reader.Missed);
        Assert.Equal(["mine"], await TakeAsync(reader, 1));
    }

    [Fact]
    public async Task A_reader_who_comes_back_misses_nothing_and_gets_nothing_twice()
    {
        string seen;
        using (var first = _events.Subscribe(1, null))
        {
            seen = first.At;
        }

        Publish("a", 1);
        Publish("other", 2);
        Publish("b", 1);
        using var second = _events.Subscribe(1, seen);
        Publish("c", 1);
        Assert.Equal(["a", "b"], second.Missed!.Select(entry => entry.View.App));
        Assert.Equal(["c"], await TakeAsync(second, 1));
    }

    [Fact]
    public void An_id_that_is_not_remembered_means_state_first()
    {
        using var reader = _events.Subscribe(1, null);
        for (var n = 0; n < 2_001; n++)
        {
            Publish("x", 1);
        }

        foreach (var id in new[] { reader.At, "", "00000000-5", "nonsense", reader.At.Split('-')[0] + "-99999" })
        {
            using var back = _events.Subscribe(1, id);
            Assert.Null(back.Missed);
        }
    }

    [Fact]
    public async Task A_reader_who_is_too_slow_is_let_go_and_comes_back_by_id()
    {
        using var slow = _events.Subscribe(1, null);
        for (var n = 0; n < 1_500; n++)
        {
            Publish(n.ToString(System.Globalization.CultureInfo.InvariantCulture), 1);
        }

        var entries = new List<Events.Entry>();
        await foreach (var entry in slow.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
        }

        using var back = _events.Subscribe(1, _events.IdOf(entries[^1].Number));
        Assert.Equal(1_500, entries.Count + back.Missed!.Count);
        Assert.Equal(entries[^1].Number + 1, back.Missed[0].Number);
    }

    private void Publish(string app, long team) => _events.Publish(new EventView("app", app, null, null, null, null), team);

    private static async Task<List<string?>> TakeAsync(Events.Subscription reader, int count)
    {
        var apps = new List<string?>();
        await foreach (var entry in reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            apps.Add(entry.View.App);
            if (apps.Count == count)
            {
                break;
            }
        }

        return apps;
    }
}
