using System.Globalization;

namespace Paas.Patching;

/// <summary>How an update says how it ended.</summary>
internal static class StackWords
{
    /// <summary>"Rebased 3 apps; 1 failed and keeps its old release; 1 refused."</summary>
    public static string Sentence(int changes, IReadOnlyList<AppUpdate> apps)
    {
        var (rebased, failed, refused) = (Count(apps, AppOutcome.Rebased), Count(apps, AppOutcome.Failed), Count(apps, AppOutcome.Refused));
        if (rebased + failed + refused == 0)
        {
            return changes > 0
                ? "The base images are new; no app stands on an older one."
                : "Nothing to do: no package is newer, and no app stands on an older run image.";
        }

        string?[] parts =
        [
            rebased > 0 ? $"rebased {Apps(rebased)}" : null,
            failed > 0 ? $"{Apps(failed)} failed and {(failed == 1 ? "keeps its" : "keep their")} old release" : null,
            refused > 0 ? $"{Apps(refused)} cannot be rebased" : null,
        ];
        var said = string.Join("; ", parts.OfType<string>());
        return $"{char.ToUpperInvariant(said[0])}{said[1..]}.";
    }

    public static string Interrupted(StackUpdate update) =>
        $"The platform stopped during the update: {Apps(Count(update.Apps, AppOutcome.Rebased))} of {Apps(update.Apps.Count(app => app.Outcome is AppOutcome.Rebased or AppOutcome.Interrupted or AppOutcome.Failed or AppOutcome.Waiting or AppOutcome.Rolling))} were done. Start it again: what is done is not done twice.";

    /// <param name="made">There are base images.</param>
    /// <param name="changes">How many packages would change.</param>
    /// <param name="moving">How many apps would be rebased.</param>
    public static string Plan(bool made, int changes, int moving) => (made, changes, moving) switch
    {
        (false, _, _) => "The base images of this version are not made yet: an update makes them and puts every app that is built here on them.",
        (_, 0, 0) => "Nothing to do: no package is newer, and no app stands on an older run image.",
        (_, 0, _) => $"No package is newer; {Apps(moving)} would move to the newest run image.",
        (_, _, 0) => $"{Packages(changes)} newer; no app would have to move.",
        _ => $"{Packages(changes)} newer; {Apps(moving)} would be rebased and rolled out.",
    };

    private static string Packages(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "package is" : "packages are")}");

    private static int Count(IEnumerable<AppUpdate> apps, AppOutcome outcome) => apps.Count(app => app.Outcome == outcome);

    private static string Apps(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "app" : "apps")}");
}
