using Paas.Client;
using Paas.Routing;
using Paas.Testing;

namespace Paas.Metrics;

public sealed class MetricsEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_by_minute_are_told_for_the_app_and_for_all_apps_of_the_team()
    {
        await using var live = await LiveApp.StartAsync();
        var stranger = live.Paas.OtherTeam("strangers");
        live.Get<RequestHistory>().Observe(
            new EdgeCounts("test", new Dictionary<string, RequestTally> { [live.App.EngineName] = new(1, 2, 0, [0, 0, 6, 4]) }), TimeProvider.System.GetUtcNow());

        var metrics = await live.Paas.Api.GetAsync("/api/v1/apps/hello/metrics", Token).ReadAsync<AppMetricsView>();
        var team = await live.Paas.Api.GetAsync("/api/v1/metrics?minutes=5", Token).ReadAsync<TeamMetricsView>();
        var theirs = await stranger.GetAsync("/api/v1/metrics", Token).ReadAsync<TeamMetricsView>();

        Assert.Equal((60, 60, 60), (metrics.Step, metrics.Requests.Count, metrics.P95.Count));
        Assert.Equal((12L, 3L, 2L), (metrics.Requests.Sum(), metrics.Errors.Sum(), metrics.Unserved.Sum()));
        Assert.InRange(metrics.P50OfAll!.Value, 0.7, 1.1);
        var app = Assert.Single(team.Apps);
        Assert.Equal(("hello", 5, 12L, 3L), (app.App, app.Requests.Count, app.Requests.Sum(), app.Errors.Sum()));
        Assert.Empty(theirs.Apps);
    }

    [Fact]
    public async Task Memory_of_each_instance_is_told_with_its_limit()
    {
        await using var live = await LiveApp.StartAsync();
        await live.Get<MetricsLoop>().LookAsync(Token);

        var minutes = await live.Paas.Api.GetAsync("/api/v1/apps/hello/instances/metrics?minutes=2", Token).ReadAsync<InstancesMetricsView>();
        var hour = await live.Paas.Api.GetAsync("/api/v1/apps/hello/instances/metrics", Token).ReadAsync<InstancesMetricsView>();

        Assert.Equal((10, 60), (minutes.Step, hour.Step));
        Assert.Equal(["web.1"], hour.Instances.Select(static instance => instance.Name));
        Assert.All(minutes.Instances.Concat(hour.Instances), static instance => Assert.Equal((512, 1), (instance.MemoryLimitMb, instance.MemoryMb.Max())));
        Assert.Equal((12, 60), (minutes.Instances[0].MemoryMb.Count, hour.Instances[0].MemoryMb.Count));
    }
}
