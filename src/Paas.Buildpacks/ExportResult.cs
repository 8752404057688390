using Paas.Buildpacks.Sbom;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>What export needs beyond what the build left.</summary>
public sealed record ExportOptions
{
    /// <summary>The launcher's binary on the host.</summary>
    public required string Launcher { get; init; }

    /// <summary>Given a buildpack's directory name and a layer's name: nothing lies in the overlay's upper under it, so that a restored layer is as it was
    /// without looking. Null: every layer is read.</summary>
    public Func<string, string, bool>? Untouched { get; init; }

    /// <summary>Reference of the run image, for labels and rebase; null when it has no name.</summary>
    public string? RunImageReference { get; init; }

    /// <summary>Other references of the same run image: a rebase onto any of them is one onto the same image.</summary>
    public IReadOnlyList<string> RunImageMirrors { get; init; } = [];

    /// <summary>For the label io.buildpacks.project.metadata; null: no such label.</summary>
    public ProjectSource? Source { get; init; }
}

/// <param name="Type">"git".</param>
/// <param name="Commit">Full id.</param>
/// <param name="Repository">URL or name.</param>
public sealed record ProjectSource(string Type, string Commit, string? Repository);

/// <param name="Image">The new image, in the content store.</param>
/// <param name="Processes">By type, sorted.</param>
/// <param name="DefaultProcess">Null: the image starts the launcher itself.</param>
/// <param name="Next">To be handed to the app's next build.</param>
/// <param name="Layers">What the image got on top of the run image, bottom first.</param>
public sealed record ExportResult(
    Image Image,
    IReadOnlyList<LaunchProcess> Processes,
    string? DefaultProcess,
    PreviousBuild Next,
    IReadOnlyList<ExportedLayer> Layers)
{
    /// <summary>What only the next build gets.</summary>
    public IReadOnlyList<CachedLayer> Cached { get; init; } = [];

    /// <summary>Bills of materials: where the image's lie, and the build's own.</summary>
    public ExportedSbom Sbom { get; init; } = ExportedSbom.None;

    public ExportReport Report => new(Image.Digest, Image.ManifestSize);
}

/// <summary>What the reference lifecycle writes into report.toml (CNB platform spec 0.15, "report.toml"); nothing is pushed, so it names no tags.</summary>
/// <param name="Image">Of the manifest.</param>
/// <param name="ManifestSize">In bytes.</param>
public sealed record ExportReport(Digest Image, long ManifestSize);

/// <param name="Title">As in <see cref="ExportedLayer"/>.</param>
/// <param name="Reused">As it was in the last build.</param>
public sealed record CachedLayer(string Title, DiffId DiffId, bool Reused);

/// <param name="Title">For the log, such as "paas/node:modules".</param>
/// <param name="Layer">In the content store.</param>
/// <param name="Reused">It was there, and nothing was written: restored and untouched, found to be the same, or one of the platform's own.</param>
public sealed record ExportedLayer(string Title, Layer Layer, bool Reused);
