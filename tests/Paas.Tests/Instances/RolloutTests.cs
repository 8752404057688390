using System.Net;
using Paas.Routing;
using Paas.Testing;

namespace Paas.Instances;

public sealed class RolloutTests
{
    [Fact]
    public async Task Without_an_edge_nothing_is_switched_and_the_old_instances_run_on()
    {
        await using var live = await LiveApp.StartAsync();
        await live.Paas.StopEdgeAsync();
        var problem = await live.SendAsync(HttpMethod.Post, "/restart", new object()).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("restart_failed", problem.Code);
        Assert.Contains("The old release goes on serving.", problem.Detail, StringComparison.Ordinal);
        Assert.Equal([new RolloutRow(live.App.Id, 1, 0, RolloutState.Current)], live.Get<RolloutStore>().All());
        Assert.All(live.Paas.Engine.Specs, spec => Assert.Equal(0, spec.Key.Revision));
        Assert.Contains(live.Paas.Engine.Specs, spec => spec.Key.Type == "web");

        // What an edge gets that comes back.
        var endpoint = Assert.Single(live.Get<RoutePublisher>().Newest!.Routes.Values.Single().Endpoints);
        Assert.Equal(live.Get<InstanceBoard>().Instances.Values.Single(item => item.State.Endpoint is not null).EndpointId, endpoint.Id);
    }
}
