using System.Globalization;
using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>Changes how many instances of a process type run, with the release that serves: more are healthy before it returns,
/// fewer leave the routes and drain before they are stopped.</summary>
public sealed class Resize(IEngine engine, AppStore apps, HealthCheck health, Routes routes, InstanceBoard board, RoutePublisher publisher)
{
    /// <summary>Null, or the sentence why the new instances did not come up; the old count is restored then.</summary>
    public async Task<string?> RunAsync(App app, Release release, RolloutRow current, Formation wanted, CancellationToken cancellationToken)
    {
        var before = ProcessSpecs.FormationOf(wanted.Type, apps.FormationOf(app.Id));
        apps.SetFormation(app.Id, wanted);
        var spec = ProcessSpecs.Of(app, release, current.Revision, apps.FormationOf(app.Id)).Single(item => item.Key.Type == wanted.Type);
        if (wanted.Count < before.Count)
        {
            await ShrinkAsync(app, spec, before.Count, cancellationToken);
            return null;
        }

        try
        {
            await engine.ApplyAsync(spec, cancellationToken);
            var verdicts = await Task.WhenAll(Enumerable.Range(before.Count + 1, wanted.Count - before.Count)
                .Select(index => health.WaitAsync(app, release, spec, new InstanceId(spec.Key, index), cancellationToken)));
            if (verdicts.FirstOrDefault(verdict => !verdict.IsHealthy) is { } unhealthy)
            {
                await RestoreAsync(app, spec, before);
                return string.Create(CultureInfo.InvariantCulture, $"{unhealthy.Sentence} {before.Count} {wanted.Type} go on serving.");
            }
        }
        catch
        {
            await RestoreAsync(app, spec, before);
            throw;
        }

        await routes.PublishAsync(cancellationToken);
        return null;
    }

    private async Task RestoreAsync(App app, ProcessSpec spec, Formation before)
    {
        apps.SetFormation(app.Id, before);
        await ShrinkAsync(app, spec with { Count = before.Count }, spec.Count, CancellationToken.None);
    }

    private async Task ShrinkAsync(App app, ProcessSpec spec, int from, CancellationToken cancellationToken)
    {
        await routes.PublishAsync(cancellationToken);
        var leaving = Enumerable.Range(spec.Count + 1, from - spec.Count).Select(index => board.Find(new InstanceId(spec.Key, index))).OfType<Instance>();
        await Task.WhenAll(leaving.Select(item => publisher.ClearedAsync(item.EndpointId, app.DrainTimeout, cancellationToken)));
        await engine.ApplyAsync(spec, cancellationToken);
    }
}
