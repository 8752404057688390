using System.Globalization;
using Paas.Builds;
using Paas.Oci;

namespace Paas.Patching;

/// <summary>What an update says while it runs: kept in memory for whoever looks, and written down at each turn.</summary>
/// <param name="trouble">Takes what the operator's log should have.</param>
public sealed class StackReport(StackUpdate begun, StackUpdateStore store, TimeProvider time, Action<string, Exception> trouble)
{
    private readonly Lock _gate = new();
    private StackUpdate _now = begun;

    public StackUpdate Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    public string Actor { get; } = begun.Actor;

    public void Enter(UpdateStep step, Digest? runImage) => Change(now => now with { Step = step, RunAfter = runImage?.ToString() ?? now.RunAfter });

    public void Line(string text) => Change(now => now with { Lines = [.. now.Lines, text] });

    public void Trouble(string app, Exception error) => trouble(app, error);

    /// <param name="quiet">It was said before.</param>
    public void Forecast(IReadOnlyList<PackageChange> changes, bool quiet = false)
    {
        Change(now => now with { Changes = changes });
        if (quiet)
        {
            return;
        }

        Line(changes.Count switch
        {
            0 => "No package of the base images is newer.",
            1 => "1 package is newer:",
            var count => string.Create(CultureInfo.InvariantCulture, $"{count} packages are newer:"),
        });
        foreach (var change in changes)
        {
            Line($"  {change.Image} image: {change}");
        }
    }

    public void Rebased(int apps, double seconds)
    {
        Change(now => now with { RebaseSeconds = Math.Round(seconds, 3) });
        Line(string.Create(CultureInfo.InvariantCulture, $"Made the images of {apps} {(apps == 1 ? "app" : "apps")} anew in {seconds:0.00} s; no layer of an app was built or copied."));
    }

    public void Set(AppUpdate app)
    {
        Change(now => now with { Apps = [.. now.Apps.Where(item => item.AppId != app.AppId).Append(app).OrderBy(item => item.App, StringComparer.Ordinal)] });
        if (SaidOf(app) is { } line)
        {
            Line(line);
        }
    }

    /// <summary>The end; the sentence is made of what became of the apps unless there is one.</summary>
    public StackUpdate End(UpdateState? state, string? sentence)
    {
        Change(now =>
        {
            var apps = now.Apps.Select(app => app.Outcome is AppOutcome.Waiting or AppOutcome.Rolling
                ? app with { Outcome = AppOutcome.Interrupted, Sentence = app.Outcome == AppOutcome.Rolling ? "It was under way: it goes on by itself when the platform is back." : "Not begun." }
                : app).ToList();
            return now with
            {
                State = state ?? (apps.Any(app => app.Outcome == AppOutcome.Failed) ? UpdateState.Failed : UpdateState.Done),
                Step = null,
                EndedAt = time.GetUtcNow(),
                Apps = apps,
                Sentence = sentence ?? StackWords.Sentence(now.Changes.Count, apps),
            };
        });
        return Now;
    }

    /// <summary>Those that are left as they are say nothing but in the report.</summary>
    private static string? SaidOf(AppUpdate app) => app.Outcome switch
    {
        AppOutcome.Rolling => string.Create(CultureInfo.InvariantCulture, $"{app.App}: rolling out v{app.From} on the new run image ..."),
        AppOutcome.Rebased => string.Create(CultureInfo.InvariantCulture, $"{app.App}: rebased v{app.From} -> v{app.To}"),
        AppOutcome.Failed => $"{app.App}: failed: {app.Sentence}",
        AppOutcome.Refused => $"{app.App}: refused: {app.Sentence}",
        AppOutcome.Interrupted => $"{app.App}: interrupted: {app.Sentence}",
        _ => null,
    };

    private void Change(Func<StackUpdate, StackUpdate> change)
    {
        lock (_gate)
        {
            _now = change(_now);
            store.Save(_now);
        }
    }
}
