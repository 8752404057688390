using Paas.Apps;
using Paas.Buildpacks;
using Paas.Buildpacks.Project;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>What one build is done with, and who says so: project.toml of the code before the app's settings before the platform's order.</summary>
/// <param name="Catalog">All buildpacks with the order to try.</param>
/// <param name="Project">Empty without a project.toml.</param>
public sealed record BuildChoice(BuildpackCatalog Catalog, ProjectToml Project)
{
    /// <summary>Those of the order that are not the platform's own: to be mounted.</summary>
    public IReadOnlyList<Buildpack> Mounted => [.. Catalog.Reach(Catalog.Order).Where(buildpack => !BuildSandbox.IsOwn(buildpack))];

    /// <summary>The app's own config wins over the code's word.</summary>
    public IReadOnlyDictionary<string, string> EnvWith(IReadOnlyList<ConfigVar> config)
    {
        var env = new Dictionary<string, string>(Project.BuildEnv, StringComparer.Ordinal);
        foreach (var variable in config.Where(variable => !variable.RunOnly))
        {
            env[variable.Name] = variable.Value;
        }

        return env;
    }
}

/// <summary>Finds out what a build is done with.</summary>
public sealed class BuildChoices(BuildsOptions options, AddedBuildpacks added)
{
    /// <param name="line">Told what was chosen and why.</param>
    /// <exception cref="BuildFailureException">project_toml_invalid, buildpack_missing, buildpack_invalid.</exception>
    public BuildChoice Read(App app, Source source, Action<string> line, CancellationToken cancellationToken)
    {
        var catalog = BuildpackCatalog.Read(options).With(added.OfTeam(app.TeamId), added.PathOf);
        var project = ReadProject(source);
        foreach (var warning in project.Warnings)
        {
            line(warning);
        }

        if (project.Builder is { } builder)
        {
            line($"project.toml names the builder {builder}. This platform builds with base images of its own, so that has no effect.");
        }

        var names = BuildpackName.Split(app.Buildpacks);
        if (project.Group.Count > 0 && names.Count > 0)
        {
            line("project.toml chooses the buildpacks: it wins over the app's settings.");
        }
        else if (names.Count > 0)
        {
            var chosen = names.Select(name => catalog.Find(name.Id, name.Version) ?? throw Missing(name.ToString(), $"The settings of {app.Name} name")).ToList();
            line($"Buildpacks of the app's settings: {string.Join(", ", chosen)}");
            catalog = catalog with { Order = new Order([new OrderGroup([.. chosen.Select(EntryOf)])]) };
        }

        catalog = project.Buildpacks.Any() ? Combine(catalog, project, source, line, cancellationToken) : catalog;
        return new(catalog with { Order = catalog.System.Around(catalog.Order) }, project);
    }

    /// <summary>A folder with the order to try, made of the code's word and what would be tried without it.</summary>
    private BuildpackCatalog Combine(BuildpackCatalog catalog, ProjectToml project, Source source, Action<string> line, CancellationToken cancellationToken)
    {
        var own = new List<Buildpack>();
        var found = new Dictionary<ProjectBuildpack, Buildpack>(ReferenceEqualityComparer.Instance);
        foreach (var wanted in project.Buildpacks.Where(wanted => !wanted.IsBuiltInOrder))
        {
            var buildpack = Find(catalog, wanted, source, cancellationToken);
            found[wanted] = buildpack;
            own.Add(buildpack);
        }

        Say("project.toml chooses the buildpacks", project.Group);
        Say("project.toml puts in front", project.Pre);
        Say("project.toml puts behind", project.Post);
        return catalog with { Buildpacks = [.. catalog.Buildpacks, .. own.Except(catalog.Buildpacks)], Order = project.Combine(catalog.Order, wanted => EntryOf(found[wanted])) };

        void Say(string what, IReadOnlyList<ProjectBuildpack> entries)
        {
            if (entries.Count > 0)
            {
                line($"{what}: {string.Join(", ", entries.Select(entry => entry.IsBuiltInOrder ? "the platform's order" : found[entry].ToString()))}");
            }
        }
    }

    private Buildpack Find(BuildpackCatalog catalog, ProjectBuildpack wanted, Source source, CancellationToken cancellationToken)
    {
        if (wanted.Script is not null)
        {
            var staging = added.MakeStaging();
            try
            {
                var written = ScriptBuildpack.Write(wanted, Path.Combine(staging, "script"), "");
                return Keep(new UntrustedTree(staging), "script", written.Id, cancellationToken);
            }
            finally
            {
                TreeRemoval.Remove(staging);
            }
        }

        if (wanted.Uri is { } uri)
        {
            // "./my-buildpack": it comes with the code. Anything else would be fetched anew, and another, with each build.
            return !IsFolder(source, uri)
                ? throw new BuildFailureException(
                    "buildpack_missing", $"project.toml, {wanted.Position}: '{uri}' is not a folder of this repository. Add it once with 'paas buildpacks add', which pins it, and name it here by its id.")
                : Keep(new UntrustedTree(source.Directory), Inside(uri), uri, cancellationToken);
        }

        return catalog.Find(wanted.Id!, wanted.Version) ?? throw Missing(wanted.ToString(), $"project.toml, {wanted.Position}, names");
    }

    /// <summary>Kept by its digest like one that was added, though no row names it.</summary>
    private Buildpack Keep(UntrustedTree tree, string top, string name, CancellationToken cancellationToken)
    {
        try
        {
            var directory = added.PathOf(added.Keep(tree, top, cancellationToken));
            var read = Buildpack.Read(directory, "");
            return read with { Inside = $"{BuildSandbox.BuildpacksInside}/{read.Id.Replace('/', '_')}/{read.Version.Replace('/', '_')}" };
        }
        catch (Exception error) when (error is LifecycleFailure or InvalidDataException or DirectoryNotFoundException)
        {
            throw new BuildFailureException("buildpack_invalid", $"The buildpack {name} that project.toml names cannot be used: {error.InnerException?.Message ?? error.Message}");
        }
    }

    private static ProjectToml ReadProject(Source source)
    {
        try
        {
            return new UntrustedTree(source.Directory).ReadText(ProjectToml.FileName) is { } text ? ProjectToml.Parse(text) : ProjectToml.Empty;
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            throw new BuildFailureException("project_toml_invalid", $"{error.Message.TrimEnd('.')}. Mend it and push again.");
        }
    }

    private static bool IsFolder(Source source, string uri)
    {
        try
        {
            return Inside(uri).Length > 0 && !uri.Contains("://", StringComparison.Ordinal) && new UntrustedTree(source.Directory).IsDirectory(Inside(uri));
        }
        catch (InvalidDataException)
        {
            // It leads out of the repository, or through a link.
            return false;
        }
    }

    private static string Inside(string uri) => uri.StartsWith("./", StringComparison.Ordinal) ? uri[2..].TrimEnd('/') : uri.TrimEnd('/');

    private static OrderEntry EntryOf(Buildpack buildpack) => new(buildpack.Id, buildpack.Version);

    private static BuildFailureException Missing(string name, string whoNames) => new(
        "buildpack_missing", $"{whoNames} the buildpack {name}, which is not here. See those that are with 'paas buildpacks list', and add others with 'paas buildpacks add'.");
}
