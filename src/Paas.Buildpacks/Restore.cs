using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The restore phase: what of the last build comes back (CNB platform spec 0.15, "restorer"). It only decides.
/// <code>
/// build  cache  launch   layer.toml   contents
///   *    true     *      yes          yes
///   -     -      true    yes          no
/// true    -       *      no           no
///   -     -       -      no           no
/// </code>
/// A layer whose snapshot is gone comes back neither way.</summary>
internal static class Restore
{
    /// <param name="isThere">Whether the content store has a layer's snapshot.</param>
    public static RestorePlan Decide(IReadOnlyList<Buildpack> group, PreviousBuild? previous, Func<DiffId, bool> isThere)
    {
        List<RestoredContents> contents = [];
        List<RestoredToml> tomls = [];
        List<string> warnings = [];
        var stores = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var buildpack in group)
        {
            // By id, whatever the version: each buildpack decides itself what of an older version's layers it can use.
            if (previous?.Buildpacks.FirstOrDefault(candidate => candidate.Id == buildpack.Id) is not { } before)
            {
                continue;
            }

            if (before.Store is not null)
            {
                stores[buildpack.Id] = before.Store;
            }

            foreach (var layer in before.Layers)
            {
                var (build, launch, cache) = (layer.Flags.Build, layer.Flags.Launch, layer.Flags.Cache);
                if (!cache && (build || !launch))
                {
                    continue;
                }

                // Also for a layer that only stays in the image: the buildpack must not count on what can no longer be kept.
                if (!isThere(layer.DiffId))
                {
                    warnings.Add($"Layer {layer.Name} of {buildpack.Id} is no longer in the cache and will be made anew.");
                }
                else
                {
                    tomls.Add(new RestoredToml(buildpack.LayersName, layer.Name, layer.Metadata));
                    if (cache)
                    {
                        contents.Add(new RestoredContents(buildpack.LayersName, layer.Name, layer.DiffId));
                    }
                }
            }
        }

        return new RestorePlan(contents, tomls, stores, warnings);
    }
}
