using Paas.Engine;
using Paas.Instances;
using Paas.Routing;

namespace Paas.Metrics;

/// <summary>Every ten seconds: what the edge has counted, and what instances use. Every minute: the last hour onto disk.</summary>
internal sealed partial class MetricsLoop(
    RequestHistory requests, InstanceHistory samples, RoutePublisher edge, InstanceBoard board, IEngine engine, TimeProvider time, ILogger<MetricsLoop> logger) : BackgroundService
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromMinutes(1);
    private DateTimeOffset _written;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        requests.Load();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>What was read and not yet written is not lost, but a clean stop leaves less to guess which minute it belongs to.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            requests.Write(time.GetUtcNow());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(error);
        }
    }

    /// <summary>One round.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await edge.CountsAsync(cancellationToken) is { } counts)
        {
            requests.Observe(counts, time.GetUtcNow());
        }

        foreach (var id in board.Instances.Keys)
        {
            if (await engine.UsageAsync(id, cancellationToken) is { } usage)
            {
                samples.Add(id, usage, time.GetUtcNow());
            }
        }

        var now = time.GetUtcNow();
        if (now - _written >= WriteEvery || now < _written)
        {
            _written = now;
            requests.Write(now);
            samples.Sweep(now);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(InstanceHistory.Step), time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Counting requests and sampling instances failed; the next round is in 10 s.")]
    private partial void LogFailed(Exception error);
}
