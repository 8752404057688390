using System.Text.Json.Serialization;

namespace Paas.Builds;

public enum BuildCause
{
    /// <summary>Of a deploy, which has the same number.</summary>
    Push,

    /// <summary>Of a folder of somebody's, without a release.</summary>
    Local,
}

public enum BuildState
{
    Running,
    Built,
    Failed,
    Cancelled,

    /// <summary>The platform stopped meanwhile.</summary>
    Interrupted,
}

/// <summary>One build as it is written down.</summary>
/// <param name="Commit">Null: of no commit.</param>
public sealed record BuildRecord(
    long AppId, int Number, BuildCause Cause, BuildState State, string? Commit, BuildFacts Facts, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    /// <summary>Fingerprint of all that it was made of (<see cref="BuildInputs"/>); null: none may be answered from it.</summary>
    public string? Inputs { get; init; }
}

/// <summary>What a build did and what came of it.</summary>
public sealed record BuildFacts
{
    public IReadOnlyList<BuildPhase> Phases { get; init; } = [];

    public IReadOnlyList<UsedBuildpack> Buildpacks { get; init; } = [];

    /// <summary>Those of the image from the bottom, without the run image's; then what only the next build gets.</summary>
    public IReadOnlyList<BuildLayer> Layers { get; init; } = [];

    /// <summary>Digest of the image's manifest; null when there is none.</summary>
    public string? Image { get; init; }

    /// <summary>Bytes.</summary>
    public long ManifestSize { get; init; }

    public IReadOnlyDictionary<string, string> Processes { get; init; } = new Dictionary<string, string>();

    /// <summary>Number of the build that did the work, because nothing had changed since; null: this one did it.</summary>
    public int? SameAs { get; init; }

    public BuildTrouble? Failure { get; init; }
}

/// <param name="Milliseconds">Null while it runs.</param>
public sealed record BuildPhase(string Name, long? Milliseconds);

public sealed record UsedBuildpack(string Id, string Version);

/// <param name="Name">"paas/node:modules", "app", "launcher".</param>
/// <param name="Kind">"buildpack", "app" or "platform"; "cache" is not part of the image.</param>
/// <param name="Digest">Of the blob; null for a cache.</param>
/// <param name="Size">Of the blob, in bytes; of a cache what it takes on the disk.</param>
/// <param name="Restored">It lay there before the buildpack ran.</param>
/// <param name="Reused">It is the last build's, or one of the platform's own: nothing was written.</param>
public sealed record BuildLayer(string Name, string Kind, string? Digest, string DiffId, long Size, bool Restored, bool Reused);

/// <summary>Why a build failed, with what a person needs to find the place.</summary>
/// <param name="Code">As <see cref="BuildResult.Failed.Code"/>.</param>
/// <param name="Buildpack">Null: none is at fault, or nobody knows which.</param>
/// <param name="Phase">In which it happened.</param>
/// <param name="ExitCode">Of the buildpack's command; null when none had ended.</param>
/// <param name="LastLines">At most 20, oldest first.</param>
public sealed record BuildTrouble(string Code, string Sentence, string? Buildpack, string? Phase, int? ExitCode, IReadOnlyList<string> LastLines);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildFacts))]
internal sealed partial class BuildFactsJson : JsonSerializerContext;
