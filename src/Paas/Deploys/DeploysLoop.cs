using Paas.Apps;
using Paas.Instances;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>After a start of control: deploys without a push go on, pushes that were cut off are written down as interrupted.</summary>
public sealed partial class DeploysLoop(
    DeployStore deploys, DeployNews news, AppStore apps, ReleaseStore releases, RolloutStore rollouts, DeployQueue queue, Deploy deploy,
    InstancesLoop instances, TimeProvider time, ILogger<DeploysLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var resumable = new List<(App App, DeployRecord Record, Release Release)>();
        foreach (var record in deploys.Unfinished())
        {
            if (apps.Find(record.AppId) is not { } app)
            {
                continue;
            }

            var release = releases.Find(record.AppId, record.Number);
            if (rollouts.CurrentOf(record.AppId)?.Release == record.Number)
            {
                releases.MarkGood(record.AppId, record.Number);
                End(app, record, DeployState.Live, $"v{record.Number} is live.");
            }
            else if (record.Cause == DeployCause.Push || release is null)
            {
                End(app, record, DeployState.Interrupted, "The platform stopped during the deploy: push again.");
            }
            else
            {
                resumable.Add((app, record, release));
            }
        }

        await instances.Ready.WaitAsync(stoppingToken);
        await Task.WhenAll(resumable.Select(item => ResumeAsync(item.App, item.Record, item.Release, stoppingToken)));
    }

    private async Task ResumeAsync(App app, DeployRecord record, Release release, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
            await deploy.ResumeAsync(app, record, release, static _ => { }, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogResumeFailed(app.Name, record.Number, error);
        }
    }

    private void End(App app, DeployRecord record, DeployState state, string sentence)
    {
        var ended = record with { State = state, Sentence = sentence, EndedAt = time.GetUtcNow(), Phases = [.. record.Phases.Where(phase => phase.Seconds is not null)] };
        deploys.Save(ended);
        news.Tell(app, ended);
    }

    [LoggerMessage(LogLevel.Error, "Deploy v{Number} of {App} could not be resumed.")]
    private partial void LogResumeFailed(string app, int number, Exception error);
}
