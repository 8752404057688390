using Paas.Builds;

namespace Paas.Patching;

public enum UpdateState
{
    Running,
    Done,

    /// <summary>It ended before any app was touched, or an app kept its old release.</summary>
    Failed,

    /// <summary>The platform stopped meanwhile.</summary>
    Interrupted,
}

public enum UpdateStep
{
    /// <summary>Asks which packages are newer.</summary>
    Packages,

    /// <summary>Makes the base images.</summary>
    Make,

    /// <summary>Makes every app's image anew.</summary>
    Rebase,

    /// <summary>Puts them in service, app by app.</summary>
    Rollout,
}

public enum AppOutcome
{
    Waiting,
    Rolling,
    Rebased,

    /// <summary>It is on the newest run image already.</summary>
    Current,

    /// <summary>There is nothing to rebase.</summary>
    Skipped,

    /// <summary>A rule of rebasing stands against it.</summary>
    Refused,

    /// <summary>The new release did not come up; the old one serves.</summary>
    Failed,

    Interrupted,
}

/// <summary>One update of the base images and of the apps on them, as it is written down.</summary>
/// <param name="Actor">Who asked; "schedule".</param>
/// <param name="Sentence">How it ended; null while it runs.</param>
/// <param name="RunBefore">Digest of the run image that was the newest; null: there was none.</param>
/// <param name="Lines">What it said, oldest first.</param>
/// <param name="RebaseSeconds">Of the rebase step alone; null: it did not come to that.</param>
public sealed record StackUpdate(
    long Id,
    string Actor,
    UpdateState State,
    UpdateStep? Step,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Sentence,
    string? RunBefore,
    string? RunAfter,
    IReadOnlyList<PackageChange> Changes,
    IReadOnlyList<string> Lines,
    double? RebaseSeconds)
{
    public IReadOnlyList<AppUpdate> Apps { get; init; } = [];
}

/// <summary>What became of one app.</summary>
/// <param name="App">Its name as it was then.</param>
/// <param name="From">The release that served; null: none.</param>
/// <param name="To">The release that was made; null: none.</param>
public sealed record AppUpdate(long AppId, string App, AppOutcome Outcome, int? From, int? To, string? Sentence);
