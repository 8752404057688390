using Paas.Apps;
using Paas.Releases;
using Paas.Routing;
using Paas.State;

namespace Paas.Instances;

/// <summary>Publishes the routes as they should be now; whoever changes domains, releases or instances calls it.</summary>
public sealed class Routes(AppStore apps, RolloutStore rollouts, ReleaseStore releases, InstanceBoard board, RoutePublisher publisher, PlatformAddress address)
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
        return [.. apps.All().Select(app => RoutedOf(app, current.GetValueOrDefault(app.Id)))];
    }

    private RoutedApp RoutedOf(App app, RolloutRow? current)
    {
        var hasWeb = current is null || releases.ProcessesOf(app.Id, current.Release)?.ContainsKey(ProcessSpecs.Web) == true;
        return new RoutedApp(
            app,
            [address.HostOf(app.Name), .. apps.DomainsOf(app.Id)],
            current,
            hasWeb ? ProcessSpecs.FormationOf(ProcessSpecs.Web, apps.FormationOf(app.Id)).Count : null);
    }
}
