using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.Instances;
using Paas.Oci;

namespace Paas.Patching;

/// <summary>What the API says of base images, and of the apps on them.</summary>
public sealed class StackViews(BaseImages bases, AppStore apps, AppRebase rebase, RolloutStore rollouts, Images images, StackUpdates updates, StackScheduleStore schedules, TimeProvider time)
{
    public async Task<StackView> ShowAsync(CancellationToken cancellationToken)
    {
        var newest = bases.Newest();
        var shown = new List<StackAppView>();
        foreach (var app in apps.All().OrderBy(app => app.Name, StringComparer.Ordinal))
        {
            shown.Add(await ShowAsync(app, newest, cancellationToken));
        }

        return new StackView(
            newest?.Run.ToString(),
            newest?.Build.ToString(),
            newest?.Description ?? "The base images are not made yet",
            newest?.Made,
            [.. (newest?.RunPackages ?? new Dictionary<string, string>()).Select(package => new PackageView(package.Key, package.Value, "run image", null, null))],
            newest?.BuildPackages.Count ?? 0,
            shown,
            Newest() is { } update ? View(update) : null,
            View(schedules.Read()));
    }

    /// <summary>Asks and looks; changes nothing. (Images that it makes belong to nobody and go by themselves.)</summary>
    public async Task<StackPlanView> PlanAsync(bool offline, CancellationToken cancellationToken)
    {
        var newest = bases.Newest();
        var changes = offline ? [] : await bases.ForecastAsync(cancellationToken);
        var (fresh, planned) = (newest is null || changes is { Count: > 0 }, new List<StackPlanAppView>());
        var runImage = newest is null ? null : await images.ReadAsync(newest.Run, cancellationToken);
        foreach (var app in apps.All().OrderBy(app => app.Name, StringComparer.Ordinal))
        {
            planned.Add(runImage is null ? new StackPlanAppView(app.Name, "rebase", rollouts.CurrentOf(app.Id)?.Release, null) : Plan(app, await rebase.RunAsync(app, runImage, cancellationToken), fresh));
        }

        var moving = planned.Count(app => app.Action == "rebase");
        return new StackPlanView(fresh, StackWords.Plan(newest is not null, changes?.Count ?? 0, moving), [.. (changes ?? []).Select(View)], planned);
    }

    public StackScheduleView View(StackSchedule schedule) => new(
        schedule.Enabled,
        StackUpdateStore.Word(schedule.Day),
        schedule.Hour,
        time.LocalTimeZone.Id,
        schedule.Enabled ? schedule.Next(time.GetUtcNow(), time.LocalTimeZone) : null);

    public static StackUpdateView View(StackUpdate update) => new(
        update.Id,
        StackUpdateStore.Word(update.State),
        update.Step is { } step ? StackUpdateStore.Word(step) : null,
        update.Actor,
        update.StartedAt,
        update.EndedAt,
        update.Sentence,
        update.RunBefore,
        update.RunAfter,
        [.. update.Changes.Select(View)],
        [.. update.Apps.Select(app => new StackUpdateAppView(app.App, StackUpdateStore.Word(app.Outcome), app.From, app.To, app.Sentence))],
        update.Lines,
        update.RebaseSeconds);

    private StackUpdate? Newest() => updates.Running ?? (updates.List(1) is [var newest] ? newest : null);

    private static PackageChangeView View(PackageChange change) => new(change.Image, change.Name, change.Before, change.After);

    private async Task<StackAppView> ShowAsync(App app, MadeImages? newest, CancellationToken cancellationToken)
    {
        var release = rollouts.CurrentOf(app.Id)?.Release;
        return await rebase.RunImageOfAsync(app, cancellationToken) is { } run
            ? new StackAppView(app.Name, run == newest?.Run ? "current" : "older", release, run.ToString(), null)
            : new StackAppView(app.Name, "other", release, null, release is null ? "Nothing has been deployed yet." : "Its image does not stand on the platform's run image.");
    }

    /// <param name="fresh">A newer run image will be made: who is on the newest one moves too.</param>
    private static StackPlanAppView Plan(App app, RebaseVerdict verdict, bool fresh) => verdict switch
    {
        RebaseVerdict.Rebased(var release, _, _) => new StackPlanAppView(app.Name, "rebase", release.Number, null),
        RebaseVerdict.Current(var release) when fresh => new StackPlanAppView(app.Name, "rebase", release.Number, null),
        RebaseVerdict.Current(var release) => new StackPlanAppView(app.Name, "current", release.Number, "It is on the newest run image already."),
        RebaseVerdict.Skipped(var release, var sentence) => new StackPlanAppView(app.Name, "skipped", release?.Number, sentence),
        RebaseVerdict.Refused(var release, var sentence) => new StackPlanAppView(app.Name, "refused", release.Number, sentence),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
