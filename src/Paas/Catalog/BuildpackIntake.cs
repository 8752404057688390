using Paas.Apps;
using Paas.Buildpacks;
using Paas.Buildpacks.Toml;
using Paas.Builds;

namespace Paas.Catalog;

/// <summary>Where a buildpack came from.</summary>
/// <param name="Source">As people write it, without credentials.</param>
/// <param name="Pinned">Commit or digest; null: the digest of its files.</param>
internal sealed record BuildpackOrigin(string Source, string? Pinned);

/// <summary>Takes buildpacks out of an unpacked tree: reads what they are, refuses what cannot be used, keeps their files and rows.</summary>
internal sealed class BuildpackIntake(AddedBuildpacks store, BuildsOptions options)
{
    /// <summary>How deep a repository is searched for buildpacks when its top is none.</summary>
    private const int Depth = 3;

    private const int Named = 12;

    /// <param name="directory">Unpacked, and nobody's: it may be a trap.</param>
    /// <param name="tops">Folders of the buildpacks in it, parts before the composite that names them; what was asked for is the last.</param>
    /// <returns>In the same order.</returns>
    /// <exception cref="BuildpackRefusedException">One of them cannot be used; then none is kept.</exception>
    public IReadOnlyList<AddedBuildpack> Take(long teamId, string actor, string directory, IReadOnlyList<string> tops, BuildpackOrigin origin, CancellationToken cancellationToken)
    {
        var tree = new UntrustedTree(directory);
        List<AddedBuildpack> taken = [];
        List<Buildpack> read = [];
        try
        {
            foreach (var top in tops)
            {
                Check(tree, top);
                var digest = store.Keep(tree, top, cancellationToken);
                var (added, buildpack) = Describe(store.PathOf(digest), digest, origin);
                taken.Add(added);
                read.Add(buildpack);
            }
        }
        catch (InvalidDataException refused)
        {
            throw new BuildpackRefusedException("buildpack_archive_refused", $"The buildpack is refused: {refused.Message}", refused);
        }

        CheckParts(teamId, read);
        foreach (var added in taken)
        {
            store.Set(teamId, added, actor);
        }

        return taken;
    }

    /// <summary>Before anything is copied: is a buildpack there?</summary>
    private static void Check(UntrustedTree tree, string top)
    {
        if (top.Length > 0 && !tree.IsDirectory(top))
        {
            throw new BuildpackRefusedException("buildpack_invalid", $"There is no folder '{Printed(top)}'. {Found(tree)}");
        }

        if (tree.ReadText(Path.Combine(top, "buildpack.toml")) is null)
        {
            var where = top.Length > 0 ? $"in '{Printed(top)}'" : "at the top";
            throw tree.ReadText(Path.Combine(top, "extension.toml")) is not null
                ? new BuildpackRefusedException("buildpack_invalid", "This is an image extension (extension.toml): it would change the base images by a Dockerfile, which this platform does not do. Only buildpacks can be added.")
                : new BuildpackRefusedException("buildpack_invalid", $"There is no buildpack.toml {where}. {Found(tree)}");
        }
    }

    private static (AddedBuildpack Added, Buildpack Read) Describe(string directory, string digest, BuildpackOrigin origin)
    {
        Buildpack buildpack;
        try
        {
            buildpack = Buildpack.Read(directory, "");
        }
        catch (LifecycleFailure.IncompatibleBuildpack incompatible)
        {
            throw new BuildpackRefusedException("buildpack_api_unknown", incompatible.Message, incompatible);
        }
        catch (LifecycleFailure.InvalidBuildpack invalid)
        {
            CheckExecutables(directory);
            throw new BuildpackRefusedException("buildpack_invalid", $"buildpack.toml cannot be used: {invalid.InnerException?.Message ?? invalid.Message}", invalid);
        }

        if (!BuildpackName.IsId(buildpack.Id) || !BuildpackName.IsVersion(buildpack.Version))
        {
            throw new BuildpackRefusedException("buildpack_invalid", $"'{Printed(buildpack.Id)}' version '{Printed(buildpack.Version)}' cannot be named by apps: letters, digits, '.', '-', '_' and, in an id, '/' are possible.");
        }

        if (buildpack.Id == "paas" || buildpack.Id.StartsWith("paas/", StringComparison.Ordinal))
        {
            throw new BuildpackRefusedException("buildpack_invalid", $"The buildpack calls itself {buildpack.Id}, but ids under 'paas/' are the platform's own: give it another id in buildpack.toml.");
        }

        var about = TomlReader.Parse(File.ReadAllBytes(Path.Combine(directory, "buildpack.toml"))).Table("buildpack")!;
        return (
            new AddedBuildpack
            {
                Name = buildpack.Id,
                Version = buildpack.Version,
                Digest = digest,
                Api = buildpack.Api.ToString(),
                Composite = buildpack.Order is not null,
                Description = Line(about, "description"),
                Homepage = Line(about, "homepage"),
                Source = origin.Source,
                Pinned = origin.Pinned ?? $"sha256:{digest}",
            },
            buildpack);
    }

    /// <summary>Says what to do where a program is missing. A buildpack.toml that is no TOML is somebody else's to tell.</summary>
    private static void CheckExecutables(string directory)
    {
        TomlTable table;
        try
        {
            table = TomlReader.Parse(File.ReadAllBytes(Path.Combine(directory, "buildpack.toml")));
        }
        catch (Exception error) when (error is TomlException or IOException)
        {
            return;
        }

        var about = table.TryGet("buildpack", out var value) ? value as TomlTable : null;
        if (about is null || Line(about, "id") is not { } id || Line(about, "version") is not { } version || table.TryGet("order", out _))
        {
            return;
        }

        foreach (var name in (string[])["bin/detect", "bin/build"])
        {
            var file = new FileInfo(Path.Combine(directory, name));
            if (!file.Exists)
            {
                throw new BuildpackRefusedException("buildpack_invalid", $"The buildpack {id} {version} has no {name}: a buildpack needs bin/detect and bin/build, or an [[order]] of other buildpacks. If it is written in a compiled language, add its built package (.cnb file or image).");
            }

            if (file.LinkTarget is null && !file.UnixFileMode.HasFlag(UnixFileMode.UserExecute))
            {
                throw new BuildpackRefusedException("buildpack_invalid", $"{name} of the buildpack {id} {version} is not executable: make it so (chmod +x {name}) and add the buildpack again.");
            }
        }
    }

    /// <summary>What a composite names comes with it, or was added before, or is the platform's own.</summary>
    private void CheckParts(long teamId, IReadOnlyList<Buildpack> read)
    {
        var catalog = BuildpackCatalog.Read(options).With(store.OfTeam(teamId), store.PathOf);
        catalog = catalog with { Buildpacks = [.. catalog.Buildpacks, .. read] };
        foreach (var composite in read.Where(buildpack => buildpack.Order is not null))
        {
            var missing = composite.Order!.Groups.SelectMany(group => group.Entries).Where(entry => catalog.Find(entry.Id, entry.Version) is null)
                .Select(entry => new BuildpackName(entry.Id, entry.Version).ToString()).Distinct().ToList();
            if (missing.Count > 0)
            {
                throw new BuildpackRefusedException("buildpack_part_missing", $"{composite} is made of other buildpacks, of which these are not here: {string.Join(", ", missing)}. Add those first, or add the package (.cnb file or image) that holds them all.");
            }
        }
    }

    /// <summary>"Buildpacks are in: ...", for somebody who named the wrong folder.</summary>
    private static string Found(UntrustedTree tree)
    {
        var found = Search(tree, "", 0).Take(Named + 1).ToList();
        return found.Count == 0
            ? "No folder in it is a buildpack either: one has buildpack.toml, bin/detect and bin/build."
            : $"Buildpacks are in: {string.Join(", ", found.Take(Named).Select(Printed))}{(found.Count > Named ? " and others" : "")}. Name one of them: a folder as it is, of a repository with URL#branch:folder.";
    }

    private static IEnumerable<string> Search(UntrustedTree tree, string path, int depth)
    {
        using var directory = tree.OpenDirectory(path);
        foreach (var entry in directory.Entries.Where(entry => entry is DirectoryInfo && entry.LinkTarget is null && entry.Name != ".git").OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var inside = Path.Combine(path, entry.Name);
            if (tree.FileNames(inside).Contains("buildpack.toml"))
            {
                yield return inside;
            }
            else if (depth < Depth)
            {
                foreach (var found in Search(tree, inside, depth + 1))
                {
                    yield return found;
                }
            }
        }
    }

    private static string? Line(TomlTable table, string key) => table.TryGet(key, out var value) && value is string { Length: > 0 } text ? Printed(text) : null;

    private static string Printed(string text) => State.Printable.Cut(text, 300);
}
