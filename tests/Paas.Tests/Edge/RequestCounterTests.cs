using System.Net;
using Paas.Routing;

namespace Paas.Edge;

public sealed class RequestCounterTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void Counts_of_all_threads_are_there()
    {
        var counter = new RequestCounter();
        Parallel.For(0, 10_000, number => counter.Answered(number % 10 == 0 ? 500 : 200, TimeSpan.FromMilliseconds(number % 50)));
        var tally = counter.Read();
        Assert.Equal((10_000L, 1000L), (tally.Requests, tally.Failed));
    }

    [Fact]
    public async Task Answers_of_the_app_and_answers_in_its_place_are_counted_apart()
    {
        await using var app = await TestUpstream.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/bad" ? 500 : 200;
            return Task.CompletedTask;
        });
        await _edge.RouteAsync(app.Port);
        await GetAsync(HttpStatusCode.OK, "/");
        await GetAsync(HttpStatusCode.OK, "/");
        await GetAsync(HttpStatusCode.InternalServerError, "/bad");
        await app.DisposeAsync();
        await GetAsync(HttpStatusCode.BadGateway, "/");
        await _edge.RouteAsync();
        await GetAsync(HttpStatusCode.ServiceUnavailable, "/");

        var tally = Assert.Single((await _edge.Publisher.CountsAsync(Stop))!.Apps).Value;
        Assert.Equal((5L, 1L, 2L, 0L, 3L), (tally.Requests, tally.Failed, tally.Unserved, tally.Abandoned, tally.Times.Sum()));
    }

    [Fact]
    public async Task Request_that_is_tried_twice_counts_once()
    {
        await using var app = await TestUpstream.StartAsync(static _ => Task.CompletedTask);
        await using var gone = await TestUpstream.StartAsync(static _ => Task.CompletedTask);
        await gone.DisposeAsync();
        await _edge.RouteAsync(app.Port, gone.Port);
        for (var request = 0; request < 20; request++)
        {
            await GetAsync(HttpStatusCode.OK, "/");
        }

        var tally = Assert.Single((await _edge.Publisher.CountsAsync(Stop))!.Apps).Value;
        Assert.Equal((20L, 0L), (tally.Requests, tally.Errors));
    }

    [Fact]
    public async Task Stream_counts_when_it_begins()
    {
        var end = new TaskCompletionSource();
        await using var app = await TestUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await end.Task;
        });
        await _edge.RouteAsync(app.Port);
        using var streaming = await _edge.GetAsync();
        Assert.Equal(1, Assert.Single((await _edge.Publisher.CountsAsync(Stop))!.Apps).Value.Requests);
        end.SetResult();
    }

    [Fact]
    public async Task Counts_stay_over_tables_and_renames_and_go_with_the_app_and_with_the_edge()
    {
        await using var app = await TestUpstream.StartAsync(static _ => Task.CompletedTask);
        await _edge.PublishAsync(new AppRoute("app", [TestEdge.Endpoint(app.Port)], null, "a7"));
        await GetAsync(HttpStatusCode.OK, "/");
        await _edge.PublishAsync(new AppRoute("renamed", [TestEdge.Endpoint(app.Port)], null, "a7"));
        await GetAsync(HttpStatusCode.OK, "/");
        var counts = (await _edge.Publisher.CountsAsync(Stop))!;
        Assert.Equal(2, counts.Apps["a7"].Requests);

        await _edge.PublishAsync(new AppRoute("another", [TestEdge.Endpoint(app.Port)], null, "a8"));
        Assert.Empty((await _edge.Publisher.CountsAsync(Stop))!.Apps);

        await _edge.RestartAsync();
        Assert.NotEqual(counts.Run, (await _edge.Publisher.CountsAsync(Stop))!.Run);
    }

    private async Task GetAsync(HttpStatusCode expected, string path)
    {
        using var response = await _edge.GetAsync(path: path);
        Assert.Equal(expected, response.StatusCode);
    }
}
