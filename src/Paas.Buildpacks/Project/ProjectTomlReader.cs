using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks.Project;

/// <summary>Reads the schemas of project.toml: 0.2 and 0.3 have [_] and [io.buildpacks], 0.1 has [project] and [build]
/// (CNB extension spec "Project Descriptor"; 0.1 and what is lenient here as in the tool pack).</summary>
internal sealed class ProjectTomlReader(TomlTable document)
{
    private const string DefaultShell = "/bin/sh";
    private const int MostLines = 500;
    private static readonly string[] NamingSchemes = ["urn:cnb:builder:", "urn:cnb:registry:", "urn:buildpack:", "from=builder:"];

    private readonly List<string> _warnings = [];

    public ProjectToml Read()
    {
        var about = document.Table("_");
        var newer = document.Table("io")?.Table("buildpacks");
        switch (about?.Text("schema-version"))
        {
            case "0.2" or "0.3":
                return ReadNewer(newer);
            case null when newer is not null:
                Warn(newer, "[io.buildpacks] is read although [_] does not say schema-version = \"0.2\"");
                return ReadNewer(newer);
            case null or "0.1":
                return ReadOlder(document.Table("build"));
            case var version:
                throw about!.Error("schema-version", $"schema version {version} is not known here; write \"0.2\".");
        }
    }

    private ProjectToml ReadNewer(TomlTable? table)
    {
        if (table is null)
        {
            return ProjectToml.Empty;
        }

        WarnOfUnknown(table, "schema-version", "builder", "include", "exclude", "group", "pre", "post", "build", "env");

        // The tool pack once wrote env.build for build.env, and files in the wild still do.
        var env = table.Table("build")?.Tables("env") ?? table.Table("env")?.Tables("build") ?? [];
        return ReadCommon(table, "group", env) with
        {
            Pre = ReadBuildpacks(table.Table("pre"), "group"),
            Post = ReadBuildpacks(table.Table("post"), "group"),
            Warnings = _warnings,
        };
    }

    private ProjectToml ReadOlder(TomlTable? table)
    {
        if (table is null)
        {
            return ProjectToml.Empty;
        }

        WarnOfUnknown(table, "builder", "include", "exclude", "buildpacks", "env", "pre", "post");
        return ReadCommon(table, "buildpacks", table.Tables("env")) with
        {
            Pre = ReadBuildpacks(table.Table("pre"), "group"),
            Post = ReadBuildpacks(table.Table("post"), "group"),
            Warnings = _warnings,
        };
    }

    private ProjectToml ReadCommon(TomlTable table, string group, IReadOnlyList<TomlTable> env) => new()
    {
        Builder = table.Text("builder"),
        Filter = ReadFilter(table),
        Group = ReadBuildpacks(table, group),
        BuildEnv = ReadEnv(env),
    };

    private static SourceFilter? ReadFilter(TomlTable table)
    {
        var (include, exclude) = (table.TryGet("include", out _), table.TryGet("exclude", out _));
        if (include && exclude)
        {
            throw table.Error("exclude", "include and exclude cannot both be given.");
        }

        return include ? new SourceFilter(Lines("include"), keepsMatches: true)
            : exclude ? new SourceFilter(Lines("exclude"), keepsMatches: false)
            : null;

        // Each is held against each file.
        IReadOnlyList<string> Lines(string key) => table.Texts(key) is { Count: <= MostLines } lines
            ? lines
            : throw table.Error(key, $"{key} can have {MostLines} lines at most.");
    }

    private static SortedDictionary<string, string> ReadEnv(IReadOnlyList<TomlTable> tables)
    {
        var env = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in tables.Where(IsForHere))
        {
            var name = table.Text("name");
            if (string.IsNullOrEmpty(name) || name.Contains('=') || name.Contains('/') || name.Contains('\0') || name is "." or "..")
            {
                throw table.Error("name", name is null ? "a variable needs a name." : $"'{name}' cannot name a variable.");
            }

            env[name] = table.Text("value") ?? throw table.Error("value", $"the variable {name} has no value.");
        }

        return env;
    }

    private IReadOnlyList<ProjectBuildpack> ReadBuildpacks(TomlTable? table, string key) =>
        [.. (table?.Tables(key) ?? []).Where(IsForHere).Select(ReadBuildpack)];

    private ProjectBuildpack ReadBuildpack(TomlTable table)
    {
        WarnOfUnknown(table, "id", "version", "uri", "script", "exec-env", "optional");
        var buildpack = WithoutScheme(new ProjectBuildpack
        {
            Id = NotEmpty(table.Text("id")),
            Version = NotEmpty(table.Text("version")),
            Uri = NotEmpty(table.Text("uri")),
            Script = table.Table("script") is { } script ? ReadScript(script) : null,
            Position = table.Position,
        });
        return buildpack switch
        {
            { Uri: not null, Version: not null } => throw table.Error("version", "a buildpack cannot have both a uri and a version."),
            { Uri: not null, Script: not null } => throw table.Error("script", "a buildpack cannot have both a uri and a script."),
            { Id: null, Script: not null } => throw table.Error("script", "a buildpack made of a script needs an id."),
            { Id: null, Uri: null } => throw table.Error("id", "a buildpack needs an id or a uri."),
            { Script: not null } when !Buildpack.IsId(buildpack.Id) => throw table.Error("id", $"'{buildpack.Id}' is not a buildpack id."),
            _ => buildpack,
        };
    }

    /// <summary>The uris that only name a buildpack of the builder or of the registry by id and version.</summary>
    private static ProjectBuildpack WithoutScheme(ProjectBuildpack buildpack)
    {
        if (NamingSchemes.FirstOrDefault(scheme => buildpack.Uri?.StartsWith(scheme, StringComparison.Ordinal) == true) is not { } found)
        {
            return buildpack;
        }

        var name = buildpack.Uri![found.Length..].Split('@', 2);
        return buildpack with { Id = name[0], Version = name.Length > 1 ? name[1] : buildpack.Version, Uri = null };
    }

    private static ProjectScript ReadScript(TomlTable table)
    {
        var text = table.Text("api") ?? throw table.Error("api", "the script needs the buildpack API it was written for, such as api = \"0.10\".");
        if (!BuildpackApi.TryParse(text, out var api) || !api.IsSupported)
        {
            throw table.Error("api", $"buildpack API {text} is not spoken here: {BuildpackApi.Oldest} to {BuildpackApi.Newest}.");
        }

        var shell = NotEmpty(table.Text("shell")) ?? DefaultShell;
        return shell.Contains('\n')
            ? throw table.Error("shell", "the shell must be one line.")
            : new ProjectScript(api, NotEmpty(table.Text("inline")) ?? throw table.Error("inline", "the script has no inline text."), shell);
    }

    /// <summary>Schema 0.3: an entry may be for some execution environments only.</summary>
    private static bool IsForHere(TomlTable table) => ExecEnv.IsOneOf(table.Texts("exec-env"));

    private static string? NotEmpty(string? text) => text is "" ? null : text;

    private void WarnOfUnknown(TomlTable table, params ReadOnlySpan<string> known)
    {
        foreach (var (key, _) in table)
        {
            if (!known.Contains(key))
            {
                _warnings.Add($"{ProjectToml.FileName}, {table.PositionOf(key)}: '{key}' is not known here and has no effect.");
            }
        }
    }

    private void Warn(TomlTable table, string sentence) => _warnings.Add($"{ProjectToml.FileName}, {table.Position}: {sentence}.");
}
