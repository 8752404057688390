using Paas.Engine;
using Paas.Routing;
using Paas.Testing;

namespace Paas.Instances;

public sealed class InstancesLoopTests
{
    [Fact]
    public async Task An_instance_that_ended_many_times_in_its_life_comes_back_into_the_routes()
    {
        await using var live = await LiveApp.StartAsync();
        var id = new InstanceId(new ProcessKey(live.App.EngineName, 1, 0, "web"), 1);
        for (var ends = 1; ends <= 5; ends++)
        {
            live.Paas.Engine.End(id, new ExitInfo(1, DateTimeOffset.UnixEpoch, null));
            await LiveApp.UntilAsync(() => live.Get<InstanceBoard>().Find(id)!.State.Restarts == ends && live.Serving() == 1);
        }

        await LiveApp.UntilAsync(() => live.Get<RoutePublisher>().Newest!.Routes.Values.Single().Endpoints.Count == 1);
    }
}
