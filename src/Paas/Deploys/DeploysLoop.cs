using Paas.Apps;
using Paas.Instances;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>After a start of control: deploys without a push go on, pushes that were cut off are written down as interrupted.</summary>
public sealed partial class DeploysLoop(
    DeployStore deploys, DeployNews news, AppStore apps, ReleaseStore releases, RolloutStore rollouts, DeployQueue queue, Deploy deploy, DeployWords words,
    InstancesLoop instances, TimeProvider time, ILogger<DeploysLoop> logger) : BackgroundService
{
    private readonly List<(App App, DeployRecord Record, Release Release, IAsyncDisposable Turn)> _resumable = [];

    /// <summary>Before control serves its first request: what is under way then is an earlier control's, and what resumes goes before what is pushed now.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var record in deploys.Unfinished())
        {
            try
            {
                await TakeUpAsync(record, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogResumeFailed(record.AppId, record.Number, error);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await instances.Ready.WaitAsync(stoppingToken);
        await Task.WhenAll(_resumable.Select(item => ResumeAsync(item.App, item.Record, item.Release, item.Turn, stoppingToken)));
    }

    private async Task TakeUpAsync(DeployRecord record, CancellationToken cancellationToken)
    {
        if (apps.Find(record.AppId) is not { } app)
        {
            return;
        }

        var release = releases.Find(record.AppId, record.Number);
        if (release is not null && rollouts.CurrentOf(record.AppId)?.Release == record.Number)
        {
            deploy.Settle(record.AppId, record.Cause, release);
            End(app, record, DeployState.Live, words.Live(app, release));
        }
        else if (record.Cause == DeployCause.Push || release is null || queue.IsTaken(record.AppId))
        {
            End(app, record, DeployState.Interrupted, record.Cause == DeployCause.Push
                ? "The platform stopped during the deploy: push again."
                : "The platform stopped during this change: try it again.");
        }
        else
        {
            _resumable.Add((app, record, release, await queue.TakeAsync(app.Id, null, cancellationToken)));
        }
    }

    private async Task ResumeAsync(App app, DeployRecord record, Release release, IAsyncDisposable turn, CancellationToken cancellationToken)
    {
        try
        {
            await using var _ = turn;
            await deploy.ResumeAsync(app, record, release, static _ => { }, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogResumeFailed(app.Id, record.Number, error);
        }
    }

    private void End(App app, DeployRecord record, DeployState state, string sentence)
    {
        var ended = record with { State = state, Sentence = sentence, EndedAt = time.GetUtcNow(), Phases = [.. record.Phases.Where(phase => phase.Seconds is not null)] };
        deploys.Save(ended);
        news.Tell(app, ended);
    }

    [LoggerMessage(LogLevel.Error, "Deploy v{Number} of app {AppId} could not be resumed.")]
    private partial void LogResumeFailed(long appId, int number, Exception error);
}
