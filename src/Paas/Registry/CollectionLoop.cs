namespace Paas.Registry;

/// <summary>Collects garbage every hour.</summary>
internal sealed partial class CollectionLoop(RegistryCollection collection, CollectionOptions options, TimeProvider time, ILogger<CollectionLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var report = await collection.RunAsync(dryRun: false, "schedule", options.TimeLimit, stoppingToken);
                if (report.Sums.Count > 0)
                {
                    LogCollected(report.Sentence);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(error);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Sentence}")]
    private partial void LogCollected(string sentence);

    [LoggerMessage(LogLevel.Error, "Garbage collection failed; it is tried again at its next turn.")]
    private partial void LogFailed(Exception error);
}
