using System.Threading.Channels;
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

    /// <summary>The probes of what ran already when the engine had told all of its state.</summary>
    private readonly TaskCompletionSource<Task[]> _observed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One waiting publication speaks for every change before it. The events do not wait for an edge that is away.</summary>
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<RolloutRow> _left = [];

    /// <summary>Completes when what ran before has been adopted and the first routes are published.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Reads before control serves its first request what an earlier control left: a roll-out that begins from then on is not part of it.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _left = rollouts.All();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WantAsync(stoppingToken);
        await await Task.WhenAny(WatchAsync(stoppingToken), PublishWhatIsDueAsync(stoppingToken));
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in engine.WatchAsync(cancellationToken))
        {
            switch (change)
            {
                case InstanceObserved(var state):
                    if (board.Observe(state))
                    {
                        Follow(state, cancellationToken);
                    }

                    break;
                case InstanceGone(var id):
                    board.Gone(id);
                    news.Gone(id);
                    break;
                case Observed:
                    _observed.TrySetResult([.. _probes.Values]);
                    break;
            }
        }
    }

    /// <summary>Asks the engine for every current roll-out and takes away what a deploy that died had begun.</summary>
    private async Task WantAsync(CancellationToken cancellationToken)
    {
        foreach (var row in _left)
        {
            try
            {
                if (apps.Find(row.AppId) is { } app && releases.Find(row.AppId, row.Release) is { } release)
                {
                    await WantAsync(app, release, row, cancellationToken);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // One app's trouble must not keep the others down.
                LogApplyFailed(row.AppId, row.Release, error);
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

    private async Task PublishWhatIsDueAsync(CancellationToken cancellationToken)
    {
        var probes = await _observed.Task.WaitAsync(cancellationToken);
        await RemoveUnknownAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(probes), Task.Delay(AdoptionPatience, cancellationToken));
        await PublishAsync(cancellationToken);
        _ready.TrySetResult();
        await foreach (var _ in _due.Reader.ReadAllAsync(cancellationToken))
        {
            await PublishAsync(cancellationToken);
        }
    }

    /// <summary>What runs and belongs to no roll-out of the database.</summary>
    private async Task RemoveUnknownAsync(CancellationToken cancellationToken)
    {
        // What runs first: a roll-out is written down before anything of it runs.
        var running = board.Instances.Keys.Select(id => id.Process).Distinct().ToList();
        var wanted = rollouts.All()
            .Select(row => (App: apps.Find(row.AppId)?.EngineName, row.Release, row.Revision))
            .ToHashSet();
        var strangers = running.Where(key => !wanted.Contains((key.App, key.Release, key.Revision)));
        foreach (var stranger in strangers)
        {
            LogStranger(stranger.ToString());
            await engine.RemoveAsync(stranger, TimeSpan.FromSeconds(10), cancellationToken);
        }
    }

    private void Follow(InstanceState state, CancellationToken cancellationToken)
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
        else if (state.Phase != InstancePhase.Running && state.Id.Process.Type == ProcessSpecs.Web)
        {
            _due.Writer.TryWrite(true);
        }
    }

    /// <summary>Brings a running instance back into the routes. Roll-outs that start wait for the first runs of theirs themselves.</summary>
    private async Task ProbeAsync(InstanceState state, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var key = state.Id.Process;
            var row = rollouts.All().FirstOrDefault(row => row.Release == key.Release && row.Revision == key.Revision && apps.Find(row.AppId)?.EngineName == key.App);
            if (row is null or { State: RolloutState.Retired } || (row.State == RolloutState.Starting && state.Restarts == 0)
                || apps.Find(row.AppId) is not { } app || releases.Find(app.Id, row.Release) is not { } release)
            {
                return;
            }

            var spec = ProcessSpecs.Of(app, release, row.Revision, apps.FormationOf(app.Id)).FirstOrDefault(spec => spec.Key == key);
            if (spec is null)
            {
                return;
            }

            while (await health.WaitForRunAsync(app, release, spec, state, cancellationToken) is { IsHealthy: false, Sentence: var sentence })
            {
                if (board.Find(state.Id)?.State.Run != state.Run)
                {
                    return;
                }

                LogUnhealthy(state.Id.ToString(), sentence!);
            }

            _due.Writer.TryWrite(true);
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

    [LoggerMessage(LogLevel.Error, "Could not ask the engine for v{Release} of app {AppId}; it is asked again at the next deploy or start.")]
    private partial void LogApplyFailed(long appId, int release, Exception error);

    [LoggerMessage(LogLevel.Warning, "{Process} runs but nothing wants it: removing it.")]
    private partial void LogStranger(string process);

    [LoggerMessage(LogLevel.Warning, "{Instance} came back but is not healthy: {Sentence}")]
    private partial void LogUnhealthy(string instance, string sentence);

    [LoggerMessage(LogLevel.Error, "The health check of {Instance} failed.")]
    private partial void LogProbeFailed(string instance, Exception error);

    [LoggerMessage(LogLevel.Warning, "The edge does not take routes now ({Reason}); it gets the newest when it is back.")]
    private partial void LogEdgeAway(string reason);
}
