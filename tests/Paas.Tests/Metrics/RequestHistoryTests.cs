using Paas.Accounts;
using Paas.Apps;
using Paas.Routing;
using Paas.Testing;

namespace Paas.Metrics;

public sealed class RequestHistoryTests : IDisposable
{
    private readonly TempHome _home = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 5, TimeSpan.Zero));
    private readonly AppStore _apps;
    private readonly App _app;

    public RequestHistoryTests()
    {
        _apps = _home.Apps();
        _app = _apps.Create(new AccountStore(_home.Database, TimeProvider.System).AddTeam("team"), AppName.Parse("hello"));
    }

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Differences_between_readings_lie_in_their_minutes()
    {
        var history = New();
        Observe(history, "edge", 3);
        _time.Advance(TimeSpan.FromSeconds(10));
        Observe(history, "edge", 5);
        _time.Advance(TimeSpan.FromSeconds(10));
        Observe(history, "edge", 5);
        for (var round = 1; round <= 6; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Observe(history, "edge", 5 + round);
        }

        Assert.Equal([0L, 5 + 3, 3], Requests(history, 3));
    }

    [Fact]
    public void Control_that_comes_back_counts_what_came_meanwhile_once_and_spreads_it()
    {
        var first = New();
        Observe(first, "edge", 100);
        first.Write(_time.GetUtcNow());
        Observe(first, "edge", 101);

        var second = New();
        Assert.Equal([100L], Requests(second, 1));
        _time.Advance(TimeSpan.FromMinutes(4));
        Observe(second, "edge", 150);
        Assert.Equal([110L, 10, 10, 10, 10], Requests(second, 5));
        second.Write(_time.GetUtcNow());
        Assert.Equal([110L, 10, 10, 10, 10], Requests(New(), 5));
    }

    [Fact]
    public void Edge_that_began_anew_is_counted_from_its_start()
    {
        var history = New();
        Observe(history, "edge", 100);
        Observe(history, "another", 40);
        Observe(history, "another", 41);
        Assert.Equal(141, Requests(history, 1).Single());
    }

    [Fact]
    public void An_hour_is_kept_and_no_more()
    {
        var history = New();
        Observe(history, "edge", 9);
        history.Write(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(59));
        history.Write(_time.GetUtcNow());
        Assert.Equal(9, Requests(New(), 60)[0]);
        _time.Advance(TimeSpan.FromMinutes(1));
        history.Write(_time.GetUtcNow());
        Assert.Empty(new RequestStore(_home.Database).Minutes());
        Assert.Equal(0, Requests(history, 60).Sum());
    }

    [Fact]
    public void Destroyed_app_leaves_nothing_even_while_the_edge_still_counts_for_it()
    {
        var history = New();
        Observe(history, "edge", 9);
        history.Write(_time.GetUtcNow());
        _apps.Destroy(_app);
        history.Forget(_app.Id);
        Observe(history, "edge", 12);
        history.Write(_time.GetUtcNow());
        Assert.Equal(0, Requests(history, 60).Sum());
        Assert.Empty(new RequestStore(_home.Database).Minutes());
    }

    [Fact]
    public void Clock_that_goes_back_loses_nothing()
    {
        var history = New();
        Observe(history, "edge", 9);
        _time.Advance(TimeSpan.FromMinutes(-3));
        Observe(history, "edge", 12);
        Assert.Equal(3, Requests(history, 1).Single());
    }

    private RequestHistory New()
    {
        var history = new RequestHistory(new RequestStore(_home.Database), _apps);
        history.Load();
        return history;
    }

    private void Observe(RequestHistory history, string run, long requests) => history.Observe(
        new EdgeCounts(run, new Dictionary<string, RequestTally> { [_app.EngineName] = new(0, 0, 0, [requests]), ["a999"] = new(0, 1, 0, []) }), _time.GetUtcNow());

    private IReadOnlyList<long> Requests(RequestHistory history, int minutes) =>
        [.. history.Of(_app.Id, _time.GetUtcNow(), minutes).Select(static tally => tally.Requests)];
}
