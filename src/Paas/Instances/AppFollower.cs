using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>What instances and routes do when an app changes its name or its domains, or is destroyed.</summary>
public sealed partial class AppFollower(IEngine engine, RolloutStore rollouts, ReleaseStore releases, InstanceBoard board, Routes routes, ILogger<AppFollower> logger)
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

    /// <summary>Stops whatever still runs of it, and lets the engine forget what is scaled to 0.</summary>
    public async Task DestroyedAsync(App app, CancellationToken cancellationToken)
    {
        var rows = rollouts.All().Where(row => row.AppId == app.Id).ToList();
        var asked = rows.SelectMany(row => releases.Find(app.Id, row.Release)?.Types.Select(type => ProcessSpecs.KeyOf(app, row, type)) ?? []);
        var running = board.Instances.Keys.Select(id => id.Process).Where(key => key.App == app.EngineName);
        await Task.WhenAll(asked.Union(running).Select(key => engine.RemoveAsync(key, app.StopGrace, cancellationToken)));
        foreach (var row in rows)
        {
            rollouts.Remove(row);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The routes of {App} are not at the edge yet: {Reason}")]
    private partial void LogEdgeAway(string app, string reason);
}
