using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>What is written down of the layers that a build made or took.</summary>
internal static class BuildLayers
{
    /// <param name="bytesOf">What a snapshot takes on the disk.</param>
    public static IEnumerable<BuildLayer> Of(ExportResult exported, RestorePlan restored, Func<DiffId, long> bytesOf)
    {
        var names = restored.Contents.Select(layer => $"{layer.BuildpackDirectory}:{layer.Name}").ToHashSet(StringComparer.Ordinal);
        foreach (var (title, layer, reused) in exported.Layers)
        {
            yield return new BuildLayer(title, KindOf(title), layer.Blob.Digest.ToString(), layer.DiffId.ToString(), layer.Blob.Size, WasRestored(title), reused);
        }

        foreach (var (title, diffId, reused) in exported.Cached)
        {
            yield return new BuildLayer(title, "cache", null, diffId.ToString(), bytesOf(diffId), WasRestored(title), reused);
        }

        // Directories of buildpacks are named after their ids.
        bool WasRestored(string title) => names.Contains(title.Replace('/', '_'));
    }

    private static string KindOf(string title) => title.Contains(':', StringComparison.Ordinal) ? "buildpack" : title == "app" ? "app" : "platform";
}
