using System.Globalization;
using Paas.State;

namespace Paas.Apps;

/// <summary>Finishes what a crash left of a destroyed app, and empties the trash after its retention (trust rule 12).</summary>
internal sealed partial class AppsLoop(AppStore apps, AppEvents events, PlatformHome home, TimeProvider time, ILogger<AppsLoop> logger) : BackgroundService
{
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var app in apps.Unsettled())
        {
            await EachAsync(app, () => events.SettleAsync(app, cancellationToken), cancellationToken);
        }

        foreach (var app in apps.Expired(time.GetUtcNow() - Retention))
        {
            await EachAsync(app, () => PurgeAsync(app), cancellationToken);
        }
    }

    /// <summary>First the data, then the rows: the rows are what makes it tried again.</summary>
    private Task PurgeAsync(App app)
    {
        var trash = Path.Combine(home.Trash, app.Id.ToString(CultureInfo.InvariantCulture));
        if (Directory.Exists(trash))
        {
            Directory.Delete(trash, recursive: true);
        }

        apps.Purge(app.Id);
        return Task.CompletedTask;
    }

    private async Task EachAsync(App app, Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogLeft(exception, app.Name, app.Id);
        }
    }

    [LoggerMessage(LogLevel.Error, "The destroyed app {App} ({Id}) could not be cleared away; it is tried again in an hour")]
    private partial void LogLeft(Exception exception, string app, long id);
}
