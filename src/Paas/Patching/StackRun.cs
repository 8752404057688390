using System.Globalization;
using Paas.Apps;
using Paas.Builds;
using Paas.Deploys;
using Paas.Oci;
using Paas.State;

namespace Paas.Patching;

/// <summary>One update from its first question to its report: packages, make, rebase, roll out.</summary>
/// <remarks>Every step can be repeated: an app that is on the newest run image already is left as it is.</remarks>
public sealed class StackRun(BaseImages bases, Images images, AppStore apps, AppRebase rebase, DeployQueue queue, Deploy deploy, TimeProvider time)
{
    /// <summary>Apps that roll out at the same time: each needs the memory of both releases meanwhile.</summary>
    private const int AtOnce = 2;

    /// <param name="report">Keeps what it is told, and shows it.</param>
    /// <param name="offline">Use the base images that are there.</param>
    /// <param name="cancellationToken">The platform stops.</param>
    /// <exception cref="UserError">No app was touched.</exception>
    public async Task RunAsync(StackReport report, bool offline, CancellationToken cancellationToken)
    {
        var made = await ImagesAsync(report, offline, cancellationToken);
        var runImage = await images.ReadAsync(made.Run, cancellationToken);

        report.Enter(UpdateStep.Rebase, made.Run);
        var began = time.GetTimestamp();
        var moving = new List<App>();
        foreach (var app in apps.All())
        {
            var verdict = await rebase.RunAsync(app, runImage, cancellationToken);
            report.Set(Verdict(app, verdict));
            if (verdict is RebaseVerdict.Rebased)
            {
                moving.Add(app);
            }
        }

        report.Rebased(moving.Count, time.GetElapsedTime(began).TotalSeconds);
        if (moving.Count == 0)
        {
            return;
        }

        report.Enter(UpdateStep.Rollout, made.Run);

        // Those that deploy just now come last: nobody waits for them meanwhile.
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(moving.OrderBy(app => queue.IsTaken(app.Id)), options, async (app, token) => await RollOutAsync(report, app, runImage, token));
    }

    private async Task<MadeImages> ImagesAsync(StackReport report, bool offline, CancellationToken cancellationToken)
    {
        var newest = bases.Newest();
        if (offline && newest is not null)
        {
            report.Line("Using the base images that are there.");
            return newest;
        }

        if (newest is not null)
        {
            report.Line("Asking Debian's mirrors what is newer ...");
            var changes = await bases.ForecastAsync(cancellationToken) ?? [];
            report.Forecast(changes);
            if (changes.Count == 0)
            {
                return newest;
            }
        }

        report.Enter(UpdateStep.Make, null);
        var made = await bases.MakeAsync(report.Line, cancellationToken);
        report.Forecast([.. PackageChange.Between("run", newest?.RunPackages ?? made.RunPackages, made.RunPackages), .. PackageChange.Between("build", newest?.BuildPackages ?? made.BuildPackages, made.BuildPackages)], quiet: true);
        return made;
    }

    /// <summary>The same road as every deploy: the app's turn, release command, health check, route switch. What fails keeps its old release.</summary>
    private async Task RollOutAsync(StackReport report, App app, Image runImage, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await queue.TakeAsync(app.Id, _ => report.Line($"{app.Name}: another deploy is under way, waiting for its end ..."), cancellationToken);
            if (apps.Find(app.Id) is not { } now)
            {
                report.Set(new AppUpdate(app.Id, app.Name, AppOutcome.Skipped, null, null, "It was destroyed meanwhile."));
                return;
            }

            // A deploy may have come between.
            var verdict = await rebase.RunAsync(now, runImage, cancellationToken);
            if (verdict is not RebaseVerdict.Rebased(var release, var image, var before))
            {
                report.Set(Verdict(now, verdict));
                return;
            }

            report.Set(new AppUpdate(app.Id, app.Name, AppOutcome.Rolling, release.Number, null, null));
            var draft = new ReleaseDraft(image.Digest, release.Config, release.Processes, Description(before, runImage.Digest), release.Commit, report.Actor);
            var result = await deploy.ReleaseAsync(now, DeployCause.Stack, draft, static _ => { }, cancellationToken);
            report.Set(result is DeployResult.Live live
                ? new AppUpdate(app.Id, app.Name, AppOutcome.Rebased, release.Number, live.Release, live.Sentence)
                : new AppUpdate(app.Id, app.Name, result is DeployResult.Interrupted ? AppOutcome.Interrupted : AppOutcome.Failed, release.Number, null, result.Sentence));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            report.Set(new AppUpdate(app.Id, app.Name, AppOutcome.Failed, null, null, error is UserError ? error.Message : $"It could not be rolled out: {error.Message}"));
            if (error is not UserError)
            {
                report.Trouble(app.Name, error);
            }
        }
    }

    /// <summary>"New base image: nginx 1.26.3-3 -> 1.26.3-4 and 2 more".</summary>
    private string Description(Digest? before, Digest after)
    {
        var changes = bases.Of(after) is { } now && before is { } old && bases.Of(old) is { } known ? PackageChange.Between("run", known.RunPackages, now.RunPackages) : [];
        return changes.Count == 0
            ? "New base image"
            : string.Create(CultureInfo.InvariantCulture, $"New base image: {changes[0]}{(changes.Count > 1 ? $" and {changes.Count - 1} more" : "")}");
    }

    private static AppUpdate Verdict(App app, RebaseVerdict verdict)
    {
        var from = verdict.Release?.Number;
        return verdict switch
        {
            RebaseVerdict.Rebased => new AppUpdate(app.Id, app.Name, AppOutcome.Waiting, from, null, null),
            RebaseVerdict.Current => new AppUpdate(app.Id, app.Name, AppOutcome.Current, from, null, "It is on the newest run image already."),
            RebaseVerdict.Skipped(_, var sentence) => new AppUpdate(app.Id, app.Name, AppOutcome.Skipped, from, null, sentence),
            RebaseVerdict.Refused(_, var sentence) => new AppUpdate(app.Id, app.Name, AppOutcome.Refused, from, null, sentence),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
