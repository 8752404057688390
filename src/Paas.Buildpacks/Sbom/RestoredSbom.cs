using Paas.Oci;

namespace Paas.Buildpacks.Sbom;

/// <summary>A bill of materials of a layer that comes back.</summary>
/// <param name="Snapshot">On the host, the snapshot that holds it.</param>
/// <param name="Path">Of the file in the snapshot.</param>
/// <param name="BuildpackDirectory">First directory below layers.</param>
/// <param name="FileName">Its name there: "&lt;layer&gt;.sbom.cdx.json".</param>
public sealed record RestoredSbom(string Snapshot, string Path, string BuildpackDirectory, string FileName)
{
    /// <summary>Those of all layers whose metadata comes back. What is gone is left out: a bill of materials is no reason to make a layer anew.
    /// So is a format that the buildpack no longer lists: it would fail the build that never asked for it.</summary>
    internal static IReadOnlyList<RestoredSbom> Find(IReadOnlyList<Buildpack> group, IReadOnlyList<RestoredToml> tomls, PreviousSbom? previous, Func<DiffId, string?> pathOf)
    {
        var formats = group.DistinctBy(buildpack => buildpack.LayersName).ToDictionary(buildpack => buildpack.LayersName, SbomFormats.FileNamesOf, StringComparer.Ordinal);

        // The image's after the cache's: where both have one it is the image's that counts, as in the reference lifecycle.
        (DiffId? DiffId, string Place)[] sources = [(previous?.Cache, PreviousSbom.CachePath), (previous?.Launch, ExportedSbom.LaunchPath)];
        Dictionary<(string, string), RestoredSbom> found = [];
        foreach (var (diffId, place) in sources)
        {
            if (diffId is not { } there || pathOf(there) is not { } snapshot)
            {
                continue;
            }

            var tree = new UntrustedTree(snapshot);
            foreach (var toml in tomls)
            {
                var directory = $"{place}/{toml.BuildpackDirectory}/{toml.Name}";
                foreach (var file in tree.FileNames(directory).Where(formats[toml.BuildpackDirectory].Contains))
                {
                    var name = $"{toml.Name}.{file}";
                    found[(toml.BuildpackDirectory, name)] = new RestoredSbom(snapshot, $"{directory}/{file}", toml.BuildpackDirectory, name);
                }
            }
        }

        return [.. found.Values];
    }

    /// <summary>Writes it where the buildpack once left it.</summary>
    internal void Write(UntrustedTree layers, int uid, int gid)
    {
        if (new UntrustedTree(Snapshot).ReadBytes(Path, long.MaxValue) is { } bytes)
        {
            layers.WriteBytes(BuildpackDirectory, FileName, bytes, uid, gid);
        }
    }
}
