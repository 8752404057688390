using System.Globalization;
using Paas.Apps;
using Paas.Builds;
using Paas.Instances;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>The path of a deploy: build, then go live (release, release command, roll out, route, retire).</summary>
public sealed class Deploy(
    DeployRuns runs, AppStore apps, Builder builder, DockerfileImages dockerfileImages, Freeze freeze, ReleaseStore releases, ReleaseCommand releaseCommand,
    Rollout rollout, RolloutStore rollouts, DeployWords words)
{
    /// <summary>Builds the pushed source and makes it live; the caller holds the app's turn.</summary>
    /// <param name="app">The app.</param>
    /// <param name="source">The checked-out tree; the deploy owns its directory and removes it.</param>
    /// <param name="actor">Who pushed.</param>
    /// <param name="line">Takes each line for the pusher's terminal.</param>
    /// <param name="cancellationToken">The platform stops: interrupted.</param>
    public async Task<DeployResult> PushAsync(App app, Source source, string actor, Action<string> line, CancellationToken cancellationToken)
    {
        var config = apps.ConfigVars(app.Id);
        try
        {
            var record = runs.Open(app.Id, DeployCause.Push, actor, source.Commit, source.Message, source.Branch);
            using var run = runs.Begin(app, record, config, line, cancellationToken);
            return await BuildAndGoLiveAsync(run, source, config);
        }
        finally
        {
            Directory.Delete(source.Directory, recursive: true);
        }
    }

    /// <summary>Makes a release of an image that exists already live: config change, rollback, new run image. The caller holds the app's turn.</summary>
    public async Task<DeployResult> ReleaseAsync(App app, DeployCause cause, ReleaseDraft draft, Action<string> line, CancellationToken cancellationToken)
    {
        await freeze.RenewAsync(draft.Image, cancellationToken);
        var record = runs.Open(app.Id, cause, draft.Actor, draft.Commit, draft.Description, null);
        var release = cause == DeployCause.Stack
            ? await freeze.KeepBuiltAsync(app.Id, record.Number, draft, cancellationToken)
            : freeze.Keep(app.Id, record.Number, draft);
        return await ResumeAsync(app, record, release, line, cancellationToken);
    }

    /// <summary>Goes on with a deploy whose release is frozen; also after a restart of control. The token says that the platform stops: the
    /// next control resumes it.</summary>
    public async Task<DeployResult> ResumeAsync(App app, DeployRecord record, Release release, Action<string> line, CancellationToken cancellationToken)
    {
        using var run = runs.Begin(app, record, release.Config, line, cancellationToken);
        try
        {
            return run.End(await GoLiveAsync(run, release));
        }
        catch (OperationCanceledException) when (run.CancelAsked)
        {
            return run.End(Stopped(run));
        }
    }

    /// <summary>What follows from the routes' switch to a release; can be repeated.</summary>
    public void Settle(long appId, DeployCause cause, Release release)
    {
        releases.MarkGood(appId, release.Number);
        if (cause is DeployCause.Config or DeployCause.Rollback)
        {
            apps.ReplaceConfigVars(appId, release.Config);
        }
    }

    /// <summary>The release that already serves this commit, or null.</summary>
    public int? LiveReleaseOf(App app, string commit) =>
        rollouts.CurrentOf(app.Id) is { } current && releases.Find(app.Id, current.Release)?.Commit == commit ? current.Release : null;

    private async Task<DeployResult> BuildAndGoLiveAsync(DeployRun run, Source source, IReadOnlyList<ConfigVar> config)
    {
        try
        {
            return run.End(await builder.BuildAsync(run.App, run.Number, source, config, run.Log, run.Token) switch
            {
                BuildResult.Failed failed => new DeployResult.BuildFailed($"{failed.Sentence} {words.StillServing(run.App)}"),
                BuildResult.Built built => await BuiltAsync(run, built, config),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested)
        {
            return run.End(Stopped(run));
        }
    }

    private async Task<DeployResult> BuiltAsync(DeployRun run, BuildResult.Built built, IReadOnlyList<ConfigVar> config)
    {
        if (built.Dockerfile is null)
        {
            return await GoLiveAsync(run, await FreezeAsync(run, built, null, config));
        }

        return await dockerfileImages.TakeAsync(built, config, run.Log.Line, run.Token) switch
        {
            IntakeResult.Taken taken => await GoLiveAsync(run, await FreezeAsync(run, built with { Processes = taken.Processes }, taken.Run, config)),
            IntakeResult.Refused refused => new DeployResult.BuildFailed($"{refused.Sentence} {words.StillServing(run.App)}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<Release> FreezeAsync(DeployRun run, BuildResult.Built built, ImageRun? imageRun, IReadOnlyList<ConfigVar> config)
    {
        var record = run.Record;
        var draft = new ReleaseDraft(built.Image, config, built.Processes, $"Push {record.Commit![..7]}: {record.Message}", record.Commit, record.Actor) { Run = imageRun };
        return await freeze.KeepBuiltAsync(run.App.Id, run.Number, draft, run.Token);
    }

    /// <summary>From a release that is frozen to one that serves.</summary>
    internal async Task<DeployResult> GoLiveAsync(DeployRun run, Release release)
    {
        if (release.Processes.ContainsKey(ReleaseCommand.ProcessType))
        {
            run.Enter(DeployState.Releasing);
            run.Log.Phase("release");
            if (await releaseCommand.RunAsync(run.App, release, run.Log.Line, run.Token) is { Code: not 0 } exit)
            {
                return new DeployResult.ReleaseCommandFailed(string.Create(CultureInfo.InvariantCulture, $"The release command failed ({exit.Cause ?? $"exit {exit.Code}"}): {words.StillServing(run.App)}"));
            }
        }

        run.Enter(DeployState.Starting);
        run.Log.Phase("start");
        switch (await rollout.RunAsync(run.App, release, run.Log.Line, run.PassPointOfNoReturn, run.Token))
        {
            case RolloutResult.Unhealthy(var sentence):
                return new DeployResult.Unhealthy($"{release.Tag} did not come up. {sentence} {words.StillServing(run.App)}");
            case RolloutResult.NotRouted(var sentence):
                return new DeployResult.NotRouted(sentence);
            default:
                Settle(run.App.Id, run.Record.Cause, release);
                return new DeployResult.Live(release.Number, words.Live(run.App, release));
        }
    }

    private DeployResult Stopped(DeployRun run) => run.CancelAsked
        ? new DeployResult.Cancelled(words.Cancelled(run.App))
        : new DeployResult.Interrupted(words.Interrupted(run.App));
}
