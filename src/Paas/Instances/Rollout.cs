using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>How a roll-out ended; the sentence says what was wrong.</summary>
public abstract record RolloutResult
{
    private RolloutResult()
    {
    }

    public sealed record Live : RolloutResult;

    public sealed record Unhealthy(string Sentence) : RolloutResult;

    public sealed record NotRouted(string Sentence) : RolloutResult;
}

/// <summary>Blue/green: the new release beside the old, health, route switch; then the old drains behind (<see cref="InstancesLoop"/>).</summary>
/// <remarks>
/// <code>
/// starting --healthy, routed--> current --next switch--> retired --drained, stopped--> (gone)
///     \--unhealthy, not routed, cancelled--> (gone)
/// </code>
/// </remarks>
public sealed class Rollout(IEngine engine, AppStore apps, RolloutStore rollouts, InstanceBoard board, HealthCheck health, Routes routes, Retirement retirement)
{
    /// <summary>Starts the release beside what serves now and switches to it when every instance is healthy.</summary>
    /// <param name="app">The app.</param>
    /// <param name="release">May be the one that serves already: a restart, or another size.</param>
    /// <param name="line">Takes what the pusher should read.</param>
    /// <param name="beforeSwitch">Called once, just before the routes change; from there on it can no longer be cancelled.</param>
    /// <param name="cancellationToken">Removes the new instances again.</param>
    public async Task<RolloutResult> RunAsync(App app, Release release, Action<string> line, Action beforeSwitch, CancellationToken cancellationToken)
    {
        var previous = rollouts.CurrentOf(app.Id);
        var rollout = rollouts.Begin(app.Id, release.Number);
        var specs = ProcessSpecs.Of(app, release, rollout.Revision, apps.FormationOf(app.Id));
        try
        {
            var verdict = await StartAsync(app, release, specs, line, cancellationToken);
            if (!verdict.IsHealthy)
            {
                await AbandonAsync(app, rollout, specs, CancellationToken.None);
                return new RolloutResult.Unhealthy(verdict.Sentence!);
            }

            cancellationToken.ThrowIfCancellationRequested();
            beforeSwitch();
            return await SwitchAsync(app, rollout, previous, specs, CancellationToken.None);
        }
        catch
        {
            await AbandonAsync(app, rollout, specs, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Removes a roll-out that nobody is routed to.</summary>
    public async Task AbandonAsync(App app, RolloutRow rollout, IReadOnlyList<ProcessSpec> specs, CancellationToken cancellationToken)
    {
        await Task.WhenAll(specs.Select(spec => engine.RemoveAsync(spec.Key, app.StopGrace, cancellationToken)));
        rollouts.Remove(rollout);
    }

    private async Task<HealthVerdict> StartAsync(App app, Release release, IReadOnlyList<ProcessSpec> specs, Action<string> line, CancellationToken cancellationToken)
    {
        foreach (var spec in specs)
        {
            await engine.ApplyAsync(spec, cancellationToken);
        }

        var all = specs.SelectMany(spec => Enumerable.Range(1, spec.Count).Select(index => (Spec: spec, Id: new InstanceId(spec.Key, index)))).ToList();
        var waiting = all;
        while (waiting.Count > 0)
        {
            if (await WaitForAsync(app, release, waiting, line, cancellationToken) is { IsHealthy: false } verdict)
            {
                return verdict;
            }

            // One that answered may have ended while another was waited for.
            waiting = [.. all.Where(item => board.Find(item.Id) is not { Healthy: true })];
        }

        return HealthVerdict.Healthy;
    }

    /// <summary>The first bad verdict, or that all are healthy; nobody waits any more when it returns.</summary>
    private async Task<HealthVerdict> WaitForAsync(App app, Release release, IEnumerable<(ProcessSpec Spec, InstanceId Id)> instances, Action<string> line, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = instances.Select(item => WaitAsync(item.Spec, item.Id)).ToList();
        try
        {
            while (waits.Count > 0)
            {
                var ended = await Task.WhenAny(waits);
                waits.Remove(ended);
                if (await ended is { IsHealthy: false } verdict)
                {
                    return verdict;
                }
            }

            return HealthVerdict.Healthy;
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(waits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<HealthVerdict> WaitAsync(ProcessSpec spec, InstanceId id)
        {
            var verdict = await health.WaitAsync(app, release, spec, id, ending.Token);
            if (verdict.IsHealthy)
            {
                line($"{id.Short} is healthy");
            }
            else if (verdict.LastLines.Count > 0)
            {
                line($"Last lines of {id.Short}:");
            }

            foreach (var last in verdict.LastLines)
            {
                line($"  {last}");
            }

            return verdict;
        }
    }

    private async Task<RolloutResult> SwitchAsync(App app, RolloutRow rollout, RolloutRow? previous, IReadOnlyList<ProcessSpec> specs, CancellationToken cancellationToken)
    {
        retirement.Hold(app.Id);
        try
        {
            rollouts.Switch(rollout);
            await routes.PublishAsync(cancellationToken);
            return new RolloutResult.Live();
        }
        catch (EdgeUnreachableException error)
        {
            rollouts.SwitchBack(rollout, previous);
            // Else an edge that comes back is given the table that names the instances which go now.
            routes.Replace();
            await AbandonAsync(app, rollout, specs, cancellationToken);
            return new RolloutResult.NotRouted($"The edge did not take the new routes: {error.Message}{(previous is null ? "" : " The old release goes on serving.")}");
        }
        catch
        {
            rollouts.SwitchBack(rollout, previous);
            routes.Replace();
            throw;
        }
        finally
        {
            retirement.LetGo(app.Id);
        }
    }
}
