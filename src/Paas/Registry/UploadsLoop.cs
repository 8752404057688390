namespace Paas.Registry;

/// <summary>Removes uploads that nobody goes on with.</summary>
internal sealed partial class UploadsLoop(UploadSessions sessions, TimeProvider time, ILogger<UploadsLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var (count, bytes) = sessions.Purge();
                if (count > 0)
                {
                    LogPurged(count, bytes);
                }
            }
            catch (IOException exception)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} uploads to the registry that nobody went on with ({Bytes} bytes).")]
    private partial void LogPurged(int count, long bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "Abandoned uploads to the registry could not be removed; they are tried again.")]
    private partial void LogFailed(Exception exception);
}
