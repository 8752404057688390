using Paas.Buildpacks.Sbom;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>What comes back from the last build. The caller mounts <see cref="Contents"/> as overlay lowers under the layers
/// directory before the build; <see cref="Lifecycle.BuildAsync"/> writes the tomls.</summary>
/// <param name="Contents">Layers that come back with their files.</param>
/// <param name="Tomls">Layers that come back with their metadata; those of <paramref name="Contents"/> are among them.</param>
/// <param name="Stores">Text of store.toml by buildpack id.</param>
/// <param name="Warnings">Sentences for the log: what could not come back.</param>
public sealed record RestorePlan(
    IReadOnlyList<RestoredContents> Contents,
    IReadOnlyList<RestoredToml> Tomls,
    IReadOnlyDictionary<string, string> Stores,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Bills of materials of the layers that come back.</summary>
    public IReadOnlyList<RestoredSbom> Sboms { get; init; } = [];
}

/// <summary>A layer whose files come back: its snapshot holds them at <see cref="PathInSnapshot"/>.</summary>
/// <param name="BuildpackDirectory">First directory below layers.</param>
/// <param name="Name">Second directory below layers.</param>
/// <param name="DiffId">The snapshot.</param>
public sealed record RestoredContents(string BuildpackDirectory, string Name, DiffId DiffId)
{
    /// <summary>The directory of the snapshot that stands for the layers directory: what the caller mounts.</summary>
    public const string PathInSnapshot = "layers";
}

/// <param name="BuildpackDirectory">First directory below layers.</param>
/// <param name="Name">The file is &lt;name&gt;.toml.</param>
/// <param name="Text">Metadata without [types]: a buildpack that appends its own table must not meet a second one.</param>
public sealed record RestoredToml(string BuildpackDirectory, string Name, string Text);
