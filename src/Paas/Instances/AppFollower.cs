using Paas.Apps;
using Paas.Engine;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>What instances and routes do when an app changes its name or its domains, or is destroyed.</summary>
public sealed partial class AppFollower(IEngine engine, RolloutStore rollouts, InstanceBoard board, Routes routes, ILogger<AppFollower> logger)
{
    private static readonly HashSet<string> Routed = new(StringComparer.Ordinal)
    {
        "app.created", "app.renamed", "app.destroyed", "domain.added", "domain.removed",
    };

    /// <summary>Hosts follow at once; an edge that is away gets the newest table when it is back.</summary>
    public async Task ChangedAsync(AppChange change, CancellationToken cancellationToken)
    {
        if (!Routed.Contains(change.Action))
        {
            return;
        }

        try
        {
            await routes.PublishAsync(cancellationToken);
        }
        catch (EdgeUnreachableException error)
        {
            LogEdgeAway(change.App.Name, error.Message);
        }
    }

    /// <summary>Stops whatever still runs of it.</summary>
    public async Task DestroyedAsync(App app, CancellationToken cancellationToken)
    {
        var processes = board.Instances.Keys.Select(id => id.Process).Where(key => key.App == app.EngineName).Distinct().ToList();
        await Task.WhenAll(processes.Select(key => engine.RemoveAsync(key, app.StopGrace, cancellationToken)));
        foreach (var row in rollouts.All().Where(row => row.AppId == app.Id))
        {
            rollouts.Remove(row);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The routes of {App} are not at the edge yet: {Reason}")]
    private partial void LogEdgeAway(string app, string reason);
}
