using Paas.Apps;
using Paas.Buildpacks;

namespace Paas.Builds;

/// <summary>Which buildpacks a build tries, and who says so: the app's settings before the platform's order.</summary>
internal static class ChosenOrder
{
    extension(BuildpackCatalog catalog)
    {
        /// <summary>The same buildpacks with the order of this app.</summary>
        /// <param name="line">Told what was chosen and why.</param>
        /// <exception cref="BuildFailureException">buildpack_missing: one that is named is not here.</exception>
        public BuildpackCatalog ChosenBy(App app, Action<string> line)
        {
            var names = BuildpackName.Split(app.Buildpacks);
            if (names.Count == 0)
            {
                return catalog;
            }

            var chosen = names.Select(name => catalog.Find(name.Id, name.Version) ?? throw Missing(name, $"The settings of {app.Name} name")).ToList();
            line($"Buildpacks of the app's settings: {string.Join(", ", chosen)}");
            return catalog with { Order = new Order([new OrderGroup([.. chosen.Select(buildpack => new OrderEntry(buildpack.Id, buildpack.Version))])]) };
        }
    }

    private static BuildFailureException Missing(BuildpackName name, string whoNames) => new(
        "buildpack_missing", $"{whoNames} the buildpack {name}, which is not here. See those that are with 'paas buildpacks list', and add others with 'paas buildpacks add'.");
}
