using System.Text.Json.Serialization;

namespace Paas.Client;

/// <summary>GET /apps/{app}/builds and /apps/{app}/builds/{n}.</summary>
/// <param name="Number">The deploy's; a build without a deploy has a number of its own.</param>
/// <param name="Cause">"push" or "local".</param>
/// <param name="State">"running", "built", "failed", "cancelled" or "interrupted".</param>
/// <param name="Commit">Null: of no commit.</param>
public sealed record BuildView(
    int Number, string Cause, string State, string? Commit, IReadOnlyList<BuildPhaseView> Phases, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    /// <summary>Those that took part, in order.</summary>
    public IReadOnlyList<UsedBuildpackView> Buildpacks { get; init; } = [];

    /// <summary>Those of the image from the bottom, without the base image's; then what only the next build gets.</summary>
    public IReadOnlyList<BuildLayerView> Layers { get; init; } = [];

    /// <summary>Layers of buildpacks and of the app that were as they had been, so that nothing was written.</summary>
    public int CacheHits { get; init; }

    /// <summary>The build that did the work, because nothing had changed since; null: this one did it.</summary>
    public int? SameAs { get; init; }

    /// <summary>What was made; null when nothing was.</summary>
    public BuildReportView? Report { get; init; }

    /// <summary>Process types of the image with their commands.</summary>
    public IReadOnlyDictionary<string, string> Processes { get; init; } = new Dictionary<string, string>();

    /// <summary>Null unless it failed.</summary>
    public BuildFailureView? Failure { get; init; }

    /// <summary>Milliseconds from beginning to end; null while it runs.</summary>
    [JsonIgnore]
    public long? Milliseconds => EndedAt is { } ended ? (long)(ended - StartedAt).TotalMilliseconds : null;
}

/// <param name="Milliseconds">Null while it runs.</param>
public sealed record BuildPhaseView(string Name, long? Milliseconds);

public sealed record UsedBuildpackView(string Id, string Version);

/// <param name="Name">"paas/node:modules", "app", "launcher".</param>
/// <param name="Kind">"buildpack", "app" or "platform"; "cache" is not part of the image.</param>
/// <param name="Digest">Of the blob; null for a cache.</param>
/// <param name="Size">Of the blob, in bytes; of a cache what it takes on the disk.</param>
/// <param name="Restored">It lay there before the buildpack ran.</param>
/// <param name="Reused">It is as it was: nothing was written.</param>
public sealed record BuildLayerView(string Name, string Kind, string? Digest, string DiffId, long Size, bool Restored, bool Reused);

/// <summary>As report.toml of the lifecycle says it.</summary>
/// <param name="Image">Digest of the image's manifest.</param>
/// <param name="ManifestSize">Bytes.</param>
public sealed record BuildReportView(string Image, long ManifestSize);

/// <param name="Code">Stable: "build_failed", "build_timeout", "no_buildpack", or what the buildpack says itself.</param>
/// <param name="Buildpack">The one at fault; null when none is.</param>
/// <param name="Phase">In which it happened.</param>
/// <param name="ExitCode">Of the buildpack's command; null when none had ended.</param>
/// <param name="LastLines">At most 20, oldest first.</param>
public sealed record BuildFailureView(string Code, string Sentence, string? Buildpack, string? Phase, int? ExitCode, IReadOnlyList<string> LastLines);

/// <summary>POST /apps/{app}/builds with a tar as its body (server-sent events): lines, and the build as the last.</summary>
public sealed record LocalBuildEvent
{
    /// <summary>As a terminal shows it.</summary>
    public string? Line { get; init; }

    public BuildView? Build { get; init; }
}

/// <summary>GET and DELETE /apps/{app}/builds/cache; after a DELETE what was there before.</summary>
/// <param name="Bytes">On the disk.</param>
/// <param name="Limit">Bytes that one app's cache may have.</param>
/// <param name="UsedAt">When a build last used it; null: never.</param>
/// <param name="Layers">Largest first.</param>
public sealed record BuildCacheView(string App, long Bytes, long Limit, DateTimeOffset? UsedAt, IReadOnlyList<CachedLayerView> Layers);

public sealed record CachedLayerView(string Name, long Bytes);

/// <summary>GET /builds/cache.</summary>
/// <param name="Caches">Of the team's apps.</param>
/// <param name="Bytes">Of all teams.</param>
/// <param name="Limit">Bytes that all together may have.</param>
public sealed record BuildCachesView(IReadOnlyList<BuildCacheView> Caches, long Bytes, long Limit);
