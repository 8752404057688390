namespace Paas.Routing;

/// <summary>Looks whether the edge still has the newest table: one that came back with an old disk, or was away during a publication, gets it.</summary>
internal sealed partial class RoutesLoop(RoutePublisher publisher, RoutingOptions options, TimeProvider time, ILogger<RoutesLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.LookAfterEdge, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await publisher.LookAfterEdgeAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking after the edge failed.")]
    private partial void LogFailed(Exception error);
}
