using Paas.Apps;
using Paas.Routing;
using Paas.State;

namespace Paas.Instances;

/// <summary>Publishes the routes as they should be now; whoever changes domains, releases or instances calls it.</summary>
public sealed class Routes(AppStore apps, RolloutStore rollouts, InstanceBoard board, RoutePublisher publisher, PlatformAddress address)
{
    /// <summary>Returns when the edge has taken a table that holds the present state.</summary>
    /// <exception cref="EdgeUnreachableException">It did not within its deadline.</exception>
    public Task PublishAsync(CancellationToken cancellationToken) =>
        publisher.PublishAsync(() => AppRoutes.Build(Snapshot(), board), cancellationToken);

    /// <summary>As they should be now, for an edge that is away.</summary>
    public void Replace() => publisher.Replace(() => AppRoutes.Build(Snapshot(), board));

    /// <summary>What the routes of every app are made from, now.</summary>
    public IReadOnlyList<RoutedApp> Snapshot()
    {
        var current = rollouts.All().Where(row => row.State == RolloutState.Current).ToDictionary(row => row.AppId);
        return [.. apps.All().Select(app => new RoutedApp(
            app,
            [address.HostOf(app.Name), .. apps.DomainsOf(app.Id)],
            current.GetValueOrDefault(app.Id),
            ProcessSpecs.FormationOf(ProcessSpecs.Web, apps.FormationOf(app.Id)).Count))];
    }
}
