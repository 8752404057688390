using System.Collections.Concurrent;
using Paas.Apps;
using Paas.Engine;
using Paas.Releases;
using Paas.Routing;

namespace Paas.Instances;

/// <summary>Drains and removes what was marked retired, also after a restart of control.</summary>
public sealed partial class Retirement(
    IEngine engine, AppStore apps, RolloutStore rollouts, ReleaseStore releases, InstanceBoard board, InstancesLoop instances, Routes routes,
    RoutePublisher publisher, ILogger<Retirement> logger) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _wake = new(1);
    private readonly ConcurrentDictionary<long, bool> _held = new();

    /// <summary>Nothing more of the app is retired until <see cref="LetGo"/>: its routes are being switched, and may be switched back.</summary>
    public void Hold(long appId) => _held[appId] = true;

    /// <summary>The edge has acknowledged a table without what is retired.</summary>
    public void LetGo(long appId)
    {
        _held.TryRemove(appId, out _);
        Wake();
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RoutedAsync(stoppingToken);
        var draining = new Dictionary<RolloutRow, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _wake.WaitAsync(LookAgain, stoppingToken);
            foreach (var ended in draining.Where(item => item.Value.IsCompleted).Select(item => item.Key).ToList())
            {
                draining.Remove(ended);
            }

            foreach (var row in rollouts.All().Where(row => row.State == RolloutState.Retired && !_held.ContainsKey(row.AppId) && !draining.ContainsKey(row)))
            {
                draining[row] = RetireAsync(row, stoppingToken);
            }
        }
    }

    /// <summary>What an earlier control had retired may still be in the table that the edge kept: first it has to have one of this control,
    /// and what runs has to be known.</summary>
    private async Task RoutedAsync(CancellationToken cancellationToken)
    {
        await instances.Ready.WaitAsync(cancellationToken);
        while (true)
        {
            try
            {
                await routes.PublishAsync(cancellationToken);
                return;
            }
            catch (EdgeUnreachableException error)
            {
                LogWaiting(error.Message);
            }
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
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

    [LoggerMessage(LogLevel.Warning, "Releases that were retired run on until the edge takes new routes: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Error, "Could not retire release {Release}-{Revision} of app {AppId}; it is tried again.")]
    private partial void LogRetireFailed(long appId, int release, int revision, Exception error);
}
