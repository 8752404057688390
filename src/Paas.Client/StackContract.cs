namespace Paas.Client;

/// <summary>GET /stack: the base image under every app that is built here.</summary>
/// <param name="RunImage">Digest of the run image's manifest; null: the base images are not made yet.</param>
/// <param name="MadeAt">When it was made; null as RunImage.</param>
/// <param name="Packages">Of the run image, by name.</param>
/// <param name="BuildPackages">How many packages the build image has.</param>
/// <param name="Apps">Every app of the platform by name.</param>
/// <param name="Update">The newest update, under way or over; null: there was none.</param>
public sealed record StackView(
    string? RunImage,
    string? BuildImage,
    string Description,
    DateTimeOffset? MadeAt,
    IReadOnlyList<PackageView> Packages,
    int BuildPackages,
    IReadOnlyList<StackAppView> Apps,
    StackUpdateView? Update,
    StackScheduleView Schedule);

/// <param name="State">"current": on the newest run image; "older": an update moves it; "other": nothing runs, or its image was not built here.</param>
/// <param name="Release">What serves; null: nothing.</param>
/// <param name="RunImage">Digest; null when it stands on none of the platform's.</param>
/// <param name="Sentence">Why it is "other"; else null.</param>
public sealed record StackAppView(string App, string State, int? Release, string? RunImage, string? Sentence);

/// <param name="Origin">Where it comes from: "run image", "paas/node" (the buildpack that said so), "image".</param>
/// <param name="Source">Debian's source package; null when it has the same name, or none.</param>
/// <param name="Purl">Package URL; null when nobody knows it.</param>
public sealed record PackageView(string Name, string Version, string Origin, string? Source, string? Purl);

/// <param name="Image">"run" or "build".</param>
/// <param name="Before">Null: it is new.</param>
/// <param name="After">Null: it goes.</param>
public sealed record PackageChangeView(string Image, string Name, string? Before, string? After);

/// <summary>GET /stack/plan: what an update would do. Nothing is changed.</summary>
/// <param name="NewImages">New base images would be made.</param>
/// <param name="Changes">Of both images; empty when none are made, or nothing can be compared.</param>
public sealed record StackPlanView(bool NewImages, string Sentence, IReadOnlyList<PackageChangeView> Changes, IReadOnlyList<StackPlanAppView> Apps);

/// <param name="Action">"rebase", "current", "skipped" or "refused".</param>
/// <param name="Sentence">Why, where it is not rebased; else null.</param>
public sealed record StackPlanAppView(string App, string Action, int? Release, string? Sentence);

/// <summary>POST /stack/updates.</summary>
/// <param name="Offline">Use the base images that are there: look for no newer packages.</param>
public sealed record StartStackUpdate(bool Offline);

/// <summary>One update of the base images and of the apps on them.</summary>
/// <param name="State">"running", "done", "failed" (no app was touched, or an app kept its old release), "interrupted" (the platform stopped).</param>
/// <param name="Step">"packages", "make", "rebase", "rollout"; null when it is over.</param>
/// <param name="Actor">Who asked; "schedule" for the weekly one.</param>
/// <param name="Sentence">How it ended; null while it runs.</param>
/// <param name="RebaseSeconds">What making the new images of all apps took, without rolling out; null: it did not come to that.</param>
public sealed record StackUpdateView(
    long Id,
    string State,
    string? Step,
    string Actor,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Sentence,
    string? RunImageBefore,
    string? RunImageAfter,
    IReadOnlyList<PackageChangeView> Changes,
    IReadOnlyList<StackUpdateAppView> Apps,
    IReadOnlyList<string> Lines,
    double? RebaseSeconds);

/// <param name="Outcome">"waiting", "rolling", "rebased", "current", "skipped", "refused", "failed", "interrupted".</param>
/// <param name="From">The release that served; null: none.</param>
/// <param name="To">The release that was made; null: none.</param>
/// <param name="Sentence">Why, or how it ended; null while it waits.</param>
public sealed record StackUpdateAppView(string App, string Outcome, int? From, int? To, string? Sentence);

/// <summary>GET and PUT /stack/schedule.</summary>
/// <param name="Day">"monday" ... "sunday".</param>
/// <param name="Hour">0-23, of the server's clock.</param>
/// <param name="TimeZone">The server's; ignored in a PUT.</param>
/// <param name="NextAt">Null when it is off; ignored in a PUT.</param>
public sealed record StackScheduleView(bool Enabled, string Day, int Hour, string? TimeZone, DateTimeOffset? NextAt);

/// <summary>GET /releases/containing?package=openssl: releases of the team's apps with that package.</summary>
/// <param name="Unknown">Releases whose packages cannot be told, with why.</param>
public sealed record ContainingView(string Package, string? Version, IReadOnlyList<ContainingRelease> Releases, IReadOnlyList<UnknownRelease> Unknown);

/// <param name="Current">It serves now.</param>
public sealed record ContainingRelease(string App, int Release, bool Current, string Name, string Version, string Origin);

public sealed record UnknownRelease(string App, int Release, string Sentence);
