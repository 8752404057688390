using Microsoft.Extensions.Logging.Abstractions;
using Paas.Edge;
using Paas.State;

namespace Paas.Routing;

public sealed class RoutePublisherTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Publication_waits_for_an_edge_that_comes_back()
    {
        await _edge.Server.DisposeAsync();
        var published = _edge.RouteAsync();
        Assert.False(published.IsCompleted);
        await _edge.RestartAsync();
        await published;
    }

    [Fact]
    public async Task Edge_that_stays_away_ends_the_publication_with_a_sentence()
    {
        using var folder = new TemporaryHome();
        using var publisher = new RoutePublisher(new RoutingOptions { PublishDeadline = TimeSpan.FromMilliseconds(300) }, folder.Home, TimeProvider.System, NullLogger<RoutePublisher>.Instance);
        var error = await Assert.ThrowsAsync<EdgeUnreachableException>(() => publisher.PublishAsync(new Dictionary<string, AppRoute>(), Stop));
        Assert.StartsWith("The edge did not take route table 1 within 0.3 s. Is `paasd edge` running?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edge_that_lost_its_table_is_given_the_newest_again()
    {
        await _edge.RouteAsync();
        await _edge.RouteAsync();
        File.Delete(Path.Combine(_edge.Home.Edge, "routes.json"));
        await _edge.RestartAsync();
        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        Assert.Equal(0, await channel.PingAsync(Stop));
        await _edge.Publisher.LookAfterEdgeAsync(Stop);
        Assert.Equal(2, await channel.PingAsync(Stop));
    }

    [Fact]
    public async Task Publications_side_by_side_end_with_the_newest()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _edge.RouteAsync()));
        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        Assert.Equal(20, await channel.PingAsync(Stop));
    }

    [Fact]
    public async Task Clearing_ends_after_its_drain_time_or_when_the_edge_is_gone()
    {
        var hold = new TaskCompletionSource();
        await using var app = await TestUpstream.StartAsync(_ => hold.Task);
        await _edge.RouteAsync(app.Port);
        var request = _edge.GetAsync();
        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        while ((await channel.InFlightAsync(Stop))!.Count == 0)
        {
            await Task.Delay(10, Stop);
        }

        await _edge.Publisher.ClearedAsync($"i{app.Port}", TimeSpan.FromMilliseconds(100), Stop);
        var clearing = _edge.Publisher.ClearedAsync($"i{app.Port}", TimeSpan.FromMinutes(5), Stop);
        Assert.False(clearing.IsCompleted);
        await _edge.Server.DisposeAsync();
        await clearing;
        hold.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => request);
        await _edge.RestartAsync();
    }

    private sealed class TemporaryHome : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-routing-");

        public PlatformHome Home => new(_folder.FullName);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
