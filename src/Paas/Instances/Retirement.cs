using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>Drains and removes what was marked retired, also after a restart of control.</summary>
public sealed partial class Retirement(
    IEngine engine, AppStore apps, RolloutStore rollouts, ReleaseStore releases, InstanceBoard board, RoutePublisher publisher, ILogger<Retirement> logger) : BackgroundService
{
    private readonly SemaphoreSlim _wake = new(1);

    /// <summary>There is something new to retire.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var draining = new Dictionary<RolloutRow, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _wake.WaitAsync(TimeSpan.FromSeconds(5), stoppingToken);
            foreach (var ended in draining.Where(item => item.Value.IsCompleted).Select(item => item.Key).ToList())
            {
                draining.Remove(ended);
            }

            foreach (var row in rollouts.All().Where(row => row.State == RolloutState.Retired && !draining.ContainsKey(row)))
            {
                draining[row] = RetireAsync(row, stoppingToken);
            }
        }
    }

    /// <summary>Routes no longer name it: wait until its requests have ended, then SIGTERM, grace, SIGKILL.</summary>
    private async Task RetireAsync(RolloutRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (apps.Find(row.AppId) is { } app && releases.Find(row.AppId, row.Release) is { } release)
            {
                var endpoints = board.Of(app.EngineName, row.Release, row.Revision).Where(item => item.State.Id.Process.Type == ProcessSpecs.Web);
                await Task.WhenAll(endpoints.Select(item => publisher.ClearedAsync(item.EndpointId, app.DrainTimeout, cancellationToken)));
                await Task.WhenAll(release.Types.Select(type => engine.RemoveAsync(ProcessSpecs.KeyOf(app, row, type), app.StopGrace, cancellationToken)));
            }

            rollouts.Remove(row);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogRetireFailed(row.AppId, row.Release, row.Revision, error);
        }
    }

    [LoggerMessage(LogLevel.Error, "Could not retire release {Release}-{Revision} of app {AppId}; it is tried again.")]
    private partial void LogRetireFailed(long appId, int release, int revision, Exception error);
}
