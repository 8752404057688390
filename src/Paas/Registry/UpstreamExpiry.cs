namespace Paas.Registry;

/// <summary>Drops what nobody has pulled from a cache for long, once an hour.</summary>
internal sealed partial class UpstreamExpiry(UpstreamStore store, UpstreamOptions options, TimeProvider time, ILogger<UpstreamExpiry> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (store.Expire(time.GetUtcNow() - options.KeepUnused) is > 0 and var count)
                {
                    LogDropped(count, options.KeepUnused.TotalDays);
                }
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogFailed(failed);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Dropped {Count} manifests of other registries that nobody has pulled for {Days} days")]
    private partial void LogDropped(int count, double days);

    [LoggerMessage(LogLevel.Warning, "Dropping what nobody pulls from other registries failed; the next try is in an hour")]
    private partial void LogFailed(Exception exception);
}
