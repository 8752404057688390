using Paas.State;

namespace Paas.Patching;

/// <summary>Begins the weekly update when its hour has come.</summary>
internal sealed partial class StackScheduleLoop(StackScheduleStore schedules, StackUpdateStore store, StackUpdates updates, TimeProvider time, ILogger<StackScheduleLoop> logger) : BackgroundService
{
    /// <summary>Who asked, in reports and activity.</summary>
    public const string Actor = "schedule";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (schedules.Read().IsDue(store.LastOf(Actor), time.GetUtcNow(), time.LocalTimeZone))
                {
                    updates.Start(Actor, offline: false);
                }
            }
            catch (UserError)
            {
                // Somebody updates just now: the next look finds out whether one is still owed.
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(error);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The weekly update of the base images could not be begun; it is tried again in a minute.")]
    private partial void LogFailed(Exception error);
}
