using Paas.Activity;
using Paas.Apps;
using Paas.Client;
using Paas.Deploys;
using Paas.Engine;
using Paas.Instances;
using Paas.Releases;

namespace Paas.Status;

/// <summary>Tells the event stream of every change to deploys, releases and instances, each with the app's new state.</summary>
internal sealed class Newsroom(
    Events events, DeployNews deploys, InstanceNews instances, InstanceBoard board, AppStore apps, ReleaseStore releases, RolloutStore rollouts,
    AppState state, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        deploys.Told += Tell;
        instances.Told += Tell;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        deploys.Told -= Tell;
        instances.Told -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(App app, DeployRecord deploy)
    {
        Publish(app, new EventView("deploy", app.Name, null, DeploysEndpoints.View(deploy), null, null));
        if (!deploy.IsRunning && releases.Find(app.Id, deploy.Number) is { } release)
        {
            Publish(app, new EventView("release", app.Name, null, null, ReleasesEndpoints.View(release, rollouts.CurrentOf(app.Id)?.Release), null));
        }

        TellState(app);
    }

    private void Tell(InstanceId id)
    {
        if (apps.All().FirstOrDefault(app => app.EngineName == id.Process.App) is not { } app)
        {
            return;
        }

        var view = board.Find(id) is { } instance
            ? InstanceViews.Of(instance, null, ProcessSpecs.FormationOf(id.Process.Type, apps.FormationOf(app.Id)).MemoryMb, time.GetUtcNow())
            : new InstanceView(id.Short, id.Process.Type, id.Process.Release, "gone", "Gone", time.GetUtcNow(), 0, null, 0);
        Publish(app, new EventView(view.State == "gone" ? "instance.gone" : "instance", app.Name, null, null, null, view));
        TellState(app);
    }

    private void TellState(App app) => Publish(app, new EventView("app", app.Name, state.Describe(app), null, null, null));

    private void Publish(App app, EventView view) => events.Publish(view, app.TeamId);
}
