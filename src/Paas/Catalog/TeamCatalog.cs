using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.State;

namespace Paas.Catalog;

/// <summary>What a team can build with, and who of its apps uses what.</summary>
internal sealed class TeamCatalog(AddedBuildpacks store, BuildsOptions options, AppStore apps)
{
    /// <summary>The platform's own first, then the team's by name, the newest of each last.</summary>
    public IReadOnlyList<BuildpackView> List(long teamId)
    {
        var (added, own) = (store.OfTeam(teamId), BuildpackCatalog.Read(options));
        return
        [
            .. own.Buildpacks.Select(buildpack => new BuildpackView(buildpack.Id, buildpack.Version, buildpack.Api.ToString(), BuiltIn: true, Composite: false)
            {
                Description = own.LooksFor.GetValueOrDefault(buildpack.Id),
                Apps = [.. UsersOf(teamId, buildpack.Id, buildpack.Version, [buildpack.Version])],
            }),
            .. added.Select(buildpack => View(teamId, buildpack, added)),
        ];
    }

    public IReadOnlyList<BuildpackView> Views(long teamId, IReadOnlyList<AddedBuildpack> wanted)
    {
        var added = store.OfTeam(teamId);
        return [.. wanted.Select(item => View(teamId, added.Single(other => other.Name == item.Name && other.Version == item.Version), added))];
    }

    /// <exception cref="UserError">buildpack_not_found, buildpack_version_missing, buildpack_in_use.</exception>
    public AddedBuildpack Remove(long teamId, BuildpackName name)
    {
        var added = store.OfTeam(teamId);
        var versions = added.Where(item => item.Name == name.Id).ToList();
        var doomed = versions.Where(item => name.Version is null || item.Version == name.Version).ToList() switch
        {
            [var one] => one,
            [] when name.Id.StartsWith("paas/", StringComparison.Ordinal) => throw new UserError("buildpack_built_in", 409, $"{name.Id} is the platform's own and stays."),
            [] => throw new UserError("buildpack_not_found", 404, $"There is no added buildpack '{Printable.Short(name.ToString())}'. List them with: paas buildpacks list"),
            var several => throw new UserError("buildpack_version_missing", 409, $"{name.Id} is here in several versions ({string.Join(", ", several.Select(item => item.Version))}): name one as {name.Id}@{several[0].Version}."),
        };
        if (UsersOf(teamId, doomed.Name, doomed.Version, [.. versions.Select(item => item.Version)]) is [_, ..] users)
        {
            throw new UserError("buildpack_in_use", 409, $"{doomed} is chosen by {string.Join(", ", users)}: choose other buildpacks there first (paas apps set --app {users[0]} --buildpack \"\" goes back to the platform's order).");
        }

        if (Composites(teamId, added, doomed) is [_, ..] composites)
        {
            throw new UserError("buildpack_in_use", 409, $"{doomed} is a part of {string.Join(", ", composites)}: remove that first.");
        }

        store.Remove(teamId, doomed);
        return doomed;
    }

    /// <summary>For an app's settings.</summary>
    /// <exception cref="UserError">buildpack_not_found.</exception>
    public void Check(long teamId, IReadOnlyList<BuildpackName> names)
    {
        var catalog = BuildpackCatalog.Read(options).With(store.OfTeam(teamId), store.PathOf);
        foreach (var name in names.Where(name => catalog.Find(name.Id, name.Version) is null))
        {
            var versions = catalog.Buildpacks.Where(item => item.Id == name.Id).Select(item => item.Version).ToList();
            throw new UserError("buildpack_not_found", 404, versions.Count > 0
                ? $"There is no version {name.Version} of {name.Id}, but {string.Join(", ", versions)}."
                : $"There is no buildpack '{name.Id}'. List those that are here with 'paas buildpacks list', add others with 'paas buildpacks add'.");
        }
    }

    private BuildpackView View(long teamId, AddedBuildpack buildpack, IReadOnlyList<AddedBuildpack> all) => new(buildpack.Name, buildpack.Version, buildpack.Api, BuiltIn: false, buildpack.Composite)
    {
        Description = buildpack.Description,
        Homepage = buildpack.Homepage,
        Source = buildpack.Source,
        Pinned = buildpack.Pinned,
        Digest = $"sha256:{buildpack.Digest}",
        AddedBy = buildpack.Actor,
        AddedAt = buildpack.AddedAt,
        Apps = [.. UsersOf(teamId, buildpack.Name, buildpack.Version, [.. all.Where(other => other.Name == buildpack.Name).Select(other => other.Version)])],
    };

    /// <summary>Apps whose settings come to this version: named, or the newest of those that are here.</summary>
    private List<string> UsersOf(long teamId, string id, string version, IReadOnlyList<string> versions) =>
        [.. apps.OfTeam(teamId).Where(app => BuildpackName.Split(app.Buildpacks).Any(name => name.Id == id && (name.Version ?? versions[^1]) == version)).Select(app => app.Name)];

    /// <summary>Composites that would miss it.</summary>
    private List<string> Composites(long teamId, IReadOnlyList<AddedBuildpack> added, AddedBuildpack doomed)
    {
        var catalog = BuildpackCatalog.Read(options).With(added, store.PathOf);
        var without = BuildpackCatalog.Read(options).With([.. added.Where(item => item != doomed)], store.PathOf);
        return [.. catalog.Buildpacks
            .Where(item => item.Id != doomed.Name && item.Order is not null)
            .Where(item => item.Order!.Groups.SelectMany(group => group.Entries).Any(entry => entry.Id == doomed.Name && without.Find(entry.Id, entry.Version) is null))
            .Select(item => item.ToString())];
    }
}
