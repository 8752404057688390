using Paas.Oci;

namespace Paas.Buildpacks.Sbom;

/// <summary>What export made of the bills of materials.</summary>
/// <param name="Launch">The image's layer with layers/sbom/launch/&lt;buildpack&gt;/[&lt;layer&gt;/]sbom.*.json; null: no buildpack wrote one.
/// The image's label io.buildpacks.lifecycle.metadata names it too (sbom.sha).</param>
/// <param name="Build">Those about the build alone, which no image carries.</param>
public sealed record ExportedSbom(DiffId? Launch, IReadOnlyList<SbomDocument> Build)
{
    public static readonly ExportedSbom None = new(null, []);

    /// <summary>Directory of the launch layer's snapshot under which the files lie.</summary>
    public const string LaunchPath = "layers/sbom/launch";
}

/// <param name="Buildpack">Id of who wrote it.</param>
/// <param name="Layer">Null: about all that the buildpack did.</param>
/// <param name="Json">As written, not checked.</param>
public sealed record SbomDocument(string Buildpack, string? Layer, SbomFormat Format, byte[] Json);

/// <summary>Bills of materials of a build, for the next one.</summary>
/// <param name="Launch">The image's layer; null: none.</param>
/// <param name="Cache">Snapshot with layers/sbom/cache; null: none.</param>
public sealed record PreviousSbom(DiffId? Launch, Descriptor? LaunchBlob, DiffId? Cache)
{
    internal const string CachePath = "layers/sbom/cache";
}
