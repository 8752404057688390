using Paas.Apps;
using Paas.Routing;
using RouteEndpoint = Paas.Routing.RouteEndpoint;

namespace Paas.Instances;

/// <summary>What the routes of one app are made from.</summary>
/// <param name="Current">Null before the first release serves.</param>
/// <param name="WebCount">How many web instances are wished for; null when the current release has no web process.</param>
public sealed record RoutedApp(App App, IReadOnlyList<string> Hosts, RolloutRow? Current, int? WebCount);

/// <summary>The route table's app part: a pure function of domains, current releases and healthy instances.</summary>
public static class AppRoutes
{
    public static IReadOnlyDictionary<string, AppRoute> Build(IEnumerable<RoutedApp> apps, InstanceBoard board)
    {
        var routes = new Dictionary<string, AppRoute>(StringComparer.Ordinal);
        foreach (var app in apps)
        {
            var route = RouteOf(app, board);
            foreach (var host in app.Hosts)
            {
                routes[host] = route;
            }
        }

        return routes;
    }

    /// <summary>The healthy web instances within the wished count: one that is about to go is no longer routed to.</summary>
    public static IReadOnlyList<Instance> Serving(RoutedApp app, InstanceBoard board) => app.Current is not { } current
        ? []
        : [.. board.Of(app.App.EngineName, current.Release, current.Revision)
            .Where(item => item is { Healthy: true, State.Endpoint: not null } && item.State.Id.Process.Type == ProcessSpecs.Web && item.State.Id.Index <= app.WebCount)
            .OrderBy(item => item.State.Id.Index)];

    private static AppRoute RouteOf(RoutedApp app, InstanceBoard board)
    {
        var name = app.App.Name;
        var endpoints = Serving(app, board)
            .Select(item => new RouteEndpoint(item.EndpointId, item.State.Endpoint!.Address.ToString(), item.State.Endpoint.Port))
            .ToArray();
        var sentence = (app.Current, app.WebCount, endpoints.Length) switch
        {
            (_, _, > 0) => null,
            (null, _, _) => $"Nothing has been deployed to {name} yet.",
            (_, null, _) => $"{name} has no web process: nothing answers here.",
            (_, 0, _) => $"{name} is scaled to 0 web instances.",
            _ => $"{name} is starting or restarting.",
        };
        return new AppRoute(name, endpoints, sentence, app.App.EngineName);
    }
}
