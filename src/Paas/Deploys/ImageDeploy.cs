using Paas.Apps;
using Paas.Registry;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>The path of a deploy of an image that was not built here: take it in, then go live as every deploy does.</summary>
public sealed class ImageDeploy(DeployRuns runs, AppStore apps, ImageIntake intake, Freeze freeze, AppImages images, Deploy deploy, DeployWords words)
{
    /// <summary>The caller holds the app's turn.</summary>
    /// <param name="began">Told the record as soon as it has its number.</param>
    /// <param name="frozen">The release is written down: from here on a restart of the platform resumes it.</param>
    /// <param name="cancellationToken">The platform stops.</param>
    public async Task<DeployResult> RunAsync(App app, ImageWish wish, Action<DeployRecord> began, Action<Release> frozen, CancellationToken cancellationToken)
    {
        var config = apps.ConfigVars(app.Id);
        var record = runs.Open(app.Id, DeployCause.Image, wish.Actor, null, wish.Description, null);
        using var run = runs.Begin(app, record, config, static _ => { }, cancellationToken);
        began(record);
        var resumable = false;
        try
        {
            switch (await intake.TakeAsync(app, wish.Name, config, run.Log, run.Token))
            {
                case IntakeResult.Taken taken:
                    images.Release(app, taken.Image, Release.TagOf(run.Number), taken.Top);
                    var release = freeze.Keep(
                        app.Id, run.Number, new ReleaseDraft(taken.Image.Digest, config, taken.Processes, wish.Description, null, wish.Actor) { Run = taken.Run });
                    resumable = true;
                    frozen(release);
                    return run.End(await deploy.GoLiveAsync(run, release));
                case IntakeResult.Refused refused:
                    return run.End(new DeployResult.ImageRefused($"{refused.Sentence} {words.StillServing(app)}"));
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested && (run.CancelAsked || !resumable))
        {
            return run.End(run.CancelAsked ? new DeployResult.Cancelled(words.Cancelled(app)) : new DeployResult.Interrupted(words.ImageInterrupted(app)));
        }
    }
}
