namespace Paas.Buildpacks;

/// <summary>Where one build takes place: each directory on the host, where the lifecycle reads and writes it, and the path under
/// which the buildpacks see it (CNB platform spec 0.15, "Directories").</summary>
public sealed record LifecycleDirs
{
    public const string WorkspaceInside = "/workspace";

    public const string LayersInside = "/layers";

    public const string PlatformInside = "/platform";

    public const string ScratchInside = "/cnb/scratch";

    /// <summary>The app. Buildpacks may write to it.</summary>
    public required string Workspace { get; init; }

    /// <summary>The buildpacks' layers. When the caller restores contents, this is the merged view of the overlay,
    /// mounted between restore and build.</summary>
    public required string Layers { get; init; }

    /// <summary>Made by the caller: env/&lt;NAME&gt; files and bindings. The buildpacks only read it.</summary>
    public required string Platform { get; init; }

    /// <summary>The lifecycle's own, made by it when absent: plans go to and come from a buildpack in a subdirectory that only
    /// this buildpack's run may write to.</summary>
    public required string Scratch { get; init; }

    /// <summary>Operator's settings (build-config/env/*); null when there are none.</summary>
    public string? BuildConfig { get; init; }

    /// <summary>Who the buildpacks' user is on the host's side of these directories; null when that is the id the image
    /// names (<see cref="Analysis.Uid"/>), another where a user namespace shifts ids.</summary>
    public (int Uid, int Gid)? OwnerOnHost { get; init; }
}
