using Paas.Oci;

namespace Paas.Buildpacks.Sbom;

/// <summary>Makes of the bills of materials what export hands on: sources of the image's layer, of the cache's, and the texts of the
/// build's own (CNB platform spec 0.15, "exporter").</summary>
internal sealed class SbomExport(LifecycleDirs dirs, BuildOutcome built, Analysis analysis)
{
    /// <summary>In bytes, all of a build's own bills together: they are held in memory.</summary>
    private const long MostForBuild = 32 << 20;

    public IReadOnlyList<LayerSource> Launch => Sources(built.Sboms.Where(sbom => sbom.Launch), ExportedSbom.LaunchPath);

    public IReadOnlyList<LayerSource> Cache => Sources(built.Sboms.Where(sbom => sbom.Cache), PreviousSbom.CachePath);

    /// <exception cref="InvalidDataException">They are no plain files, or too large.</exception>
    public IReadOnlyList<SbomDocument> ReadBuild()
    {
        var layers = new UntrustedTree(dirs.Layers);
        var left = MostForBuild;
        List<SbomDocument> documents = [];
        foreach (var sbom in built.Sboms.Where(sbom => !sbom.Launch))
        {
            var json = layers.ReadBytes(sbom.Path, left) ?? [];
            left -= json.Length;
            documents.Add(new SbomDocument(sbom.Buildpack.Id, sbom.Layer, sbom.Format, json));
        }

        return documents;
    }

    private IReadOnlyList<LayerSource> Sources(IEnumerable<BuiltSbom> sboms, string place) =>
        [.. sboms.Select(sbom => new LayerSource(Path.Combine(dirs.Layers, sbom.Path), $"{place}/{sbom.Name}", analysis.Uid, analysis.Gid))];
}
