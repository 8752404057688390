using Paas.Accounts;
using Paas.Activity;
using Paas.Builds;
using Paas.Instances;
using Paas.State;

namespace Paas.Patching;

/// <summary>Updates of the base images: one at a time, in control, whoever asked may go away. A restart of control ends one; it says so and
/// can be begun again.</summary>
public sealed partial class StackUpdates(
    StackRun run, StackUpdateStore store, BaseImages bases, InstancesLoop instances, AccountStore accounts, ActivityLog activity, TimeProvider time,
    ILogger<StackUpdates> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private StackReport? _running;
    private Task _work = Task.CompletedTask;

    /// <summary>What runs now, with its newest lines; null: nothing.</summary>
    public StackUpdate? Running
    {
        get
        {
            lock (_gate)
            {
                return _running?.Now;
            }
        }
    }

    /// <summary>Begins one.</summary>
    /// <param name="actor">Who asked; "schedule".</param>
    /// <param name="offline">Use the base images that are there.</param>
    /// <exception cref="UserError">stack_update_running.</exception>
    public StackUpdate Start(string actor, bool offline)
    {
        lock (_gate)
        {
            if (_running is { Now: var now })
            {
                throw new UserError("stack_update_running", 409, $"An update of the base images is under way already, begun by {now.Actor}. Follow it with: paas stack status --follow");
            }

            var report = new StackReport(store.Begin(actor, bases.Newest()?.Run.ToString()), store, time, LogTrouble);
            _running = report;
            _work = Task.Run(() => RunAsync(report, offline));
            return report.Now;
        }
    }

    /// <summary>Null when there is none. One that runs is told with its newest lines.</summary>
    public StackUpdate? Find(long id) => Running is { } now && now.Id == id ? now : store.Find(id);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<StackUpdate> List(int limit) => store.List(limit);

    /// <summary>Before control serves its first request: what an earlier one was in is written down as interrupted.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var update in store.Unfinished())
        {
            new StackReport(update, store, time, LogTrouble).End(UpdateState.Interrupted, StackWords.Interrupted(update));
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        await _work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;

    private async Task RunAsync(StackReport report, bool offline)
    {
        try
        {
            await instances.Ready.WaitAsync(_stopping.Token);
            await run.RunAsync(report, offline, _stopping.Token);
            Tell(report.End(null, null));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            report.End(UpdateState.Interrupted, StackWords.Interrupted(report.Now));
        }
        catch (UserError error)
        {
            Tell(report.End(UpdateState.Failed, error.Message));
        }
        catch (Exception error)
        {
            LogFailed(error);
            Tell(report.End(UpdateState.Failed, $"The update failed: {error.Message}"));
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }
        }
    }

    /// <summary>The deploys stand in each app's own activity; this one tells the administrators' team.</summary>
    private void Tell(StackUpdate update)
    {
        if (accounts.AdministratorsTeam() is { } team)
        {
            activity.Record(team, null, update.Actor, update.State == UpdateState.Done ? "stack.updated" : "stack.update_failed", $"Base images: {update.Sentence!.Split('\n')[^1]}");
        }
    }

    [LoggerMessage(LogLevel.Error, "The update of the base images failed.")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(LogLevel.Error, "{App} could not be put on the new run image.")]
    private partial void LogTrouble(string app, Exception error);
}
