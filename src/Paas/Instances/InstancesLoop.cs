using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>Desired against observed: at start it asks the engine for what the database wants and removes what it does not,
/// then follows what happens: an instance that died leaves the routes at once and comes back when its new run is healthy.</summary>
public sealed partial class InstancesLoop(
    IEngine engine, AppStore apps, RolloutStore rollouts, ReleaseStore releases, InstanceBoard board, HealthCheck health, Routes routes,
    InstanceNews news, ILogger<InstancesLoop> logger) : BackgroundService
{
    /// <summary>How long the first table waits for adopted instances to answer; the edge serves by its old one meanwhile.</summary>
    private static readonly TimeSpan AdoptionPatience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(InstanceId Id, string Run), Task> _probes = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when what ran before has been adopted and the first routes are published.</summary>
    public Task Ready => _ready.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WantAsync(stoppingToken);
        var observed = false;
        await foreach (var change in engine.WatchAsync(stoppingToken))
        {
            switch (change)
            {
                case InstanceObserved(var state):
                    if (board.Observe(state))
                    {
                        await FollowAsync(state, observed, stoppingToken);
                    }

                    break;
                case InstanceGone(var id):
                    board.Gone(id);
                    news.Gone(id);
                    break;
                case Observed:
                    observed = true;
                    await FirstRoutesAsync(stoppingToken);
                    break;
            }
        }
    }

    /// <summary>Asks the engine for every current roll-out and takes away what a deploy that died had begun.</summary>
    private async Task WantAsync(CancellationToken cancellationToken)
    {
        foreach (var row in rollouts.All())
        {
            if (apps.Find(row.AppId) is not { } app || releases.Find(row.AppId, row.Release) is not { } release)
            {
                continue;
            }

            try
            {
                await WantAsync(app, release, row, cancellationToken);
            }
            catch (Exception error) when (error is EngineException or IOException)
            {
                LogApplyFailed(app.Name, row.Release, error);
            }
        }
    }

    private async Task WantAsync(App app, Release release, RolloutRow row, CancellationToken cancellationToken)
    {
        switch (row.State)
        {
            case RolloutState.Current:
                foreach (var spec in ProcessSpecs.Of(app, release, row.Revision, apps.FormationOf(app.Id)))
                {
                    await engine.ApplyAsync(spec, cancellationToken);
                }

                break;
            case RolloutState.Starting:
                foreach (var type in release.Types)
                {
                    await engine.RemoveAsync(ProcessSpecs.KeyOf(app, row, type), app.StopGrace, cancellationToken);
                }

                rollouts.Remove(row);
                break;
        }
    }

    private async Task FirstRoutesAsync(CancellationToken cancellationToken)
    {
        await RemoveUnknownAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(_probes.Values), Task.Delay(AdoptionPatience, cancellationToken));
        await PublishAsync(cancellationToken);
        _ready.TrySetResult();
    }

    /// <summary>What runs and belongs to no roll-out of the database.</summary>
    private async Task RemoveUnknownAsync(CancellationToken cancellationToken)
    {
        var wanted = rollouts.All()
            .Select(row => (App: apps.Find(row.AppId)?.EngineName, row.Release, row.Revision))
            .ToHashSet();
        var strangers = board.Instances.Keys.Select(id => id.Process).Distinct()
            .Where(key => !wanted.Contains((key.App, key.Release, key.Revision)))
            .ToList();
        foreach (var stranger in strangers)
        {
            LogStranger(stranger.ToString());
            await engine.RemoveAsync(stranger, TimeSpan.FromSeconds(10), cancellationToken);
        }
    }

    private async Task FollowAsync(InstanceState state, bool publish, CancellationToken cancellationToken)
    {
        news.Changed(state.Id);
        foreach (var ended in _probes.Where(item => item.Value.IsCompleted).Select(item => item.Key).ToList())
        {
            _probes.Remove(ended);
        }

        if (state.Phase == InstancePhase.Running && !_probes.ContainsKey((state.Id, state.Run)))
        {
            _probes[(state.Id, state.Run)] = ProbeAsync(state, cancellationToken);
        }
        else if (publish && state.Phase != InstancePhase.Running && state.Id.Process.Type == ProcessSpecs.Web)
        {
            await PublishAsync(cancellationToken);
        }
    }

    /// <summary>Brings a running instance of a current roll-out back into the routes; roll-outs wait for their own.</summary>
    private async Task ProbeAsync(InstanceState state, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var key = state.Id.Process;
            var row = rollouts.All().FirstOrDefault(row => row.State == RolloutState.Current && row.Release == key.Release && row.Revision == key.Revision && apps.Find(row.AppId)?.EngineName == key.App);
            if (row is null || apps.Find(row.AppId) is not { } app || releases.Find(app.Id, row.Release) is not { } release)
            {
                return;
            }

            var spec = ProcessSpecs.Of(app, release, row.Revision, apps.FormationOf(app.Id)).FirstOrDefault(spec => spec.Key == key);
            if (spec is null)
            {
                return;
            }

            while (await health.WaitAsync(app, spec, state.Id, cancellationToken) is { IsHealthy: false, Sentence: var sentence })
            {
                LogUnhealthy(state.Id.ToString(), sentence!);
                if (board.Find(state.Id)?.State.Run != state.Run)
                {
                    return;
                }
            }

            if (Ready.IsCompleted)
            {
                await PublishAsync(cancellationToken);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogProbeFailed(state.Id.ToString(), error);
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await routes.PublishAsync(cancellationToken);
        }
        catch (EdgeUnreachableException error)
        {
            LogEdgeAway(error.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "Could not ask the engine for {App} v{Release}; it is asked again at the next deploy or start.")]
    private partial void LogApplyFailed(string app, int release, Exception error);

    [LoggerMessage(LogLevel.Warning, "{Process} runs but nothing wants it: removing it.")]
    private partial void LogStranger(string process);

    [LoggerMessage(LogLevel.Warning, "{Instance} came back but is not healthy: {Sentence}")]
    private partial void LogUnhealthy(string instance, string sentence);

    [LoggerMessage(LogLevel.Error, "The health check of {Instance} failed.")]
    private partial void LogProbeFailed(string instance, Exception error);

    [LoggerMessage(LogLevel.Warning, "The edge does not take routes now ({Reason}); it gets the newest when it is back.")]
    private partial void LogEdgeAway(string reason);
}
