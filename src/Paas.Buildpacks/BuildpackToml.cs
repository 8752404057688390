using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Reads buildpack.toml (CNB buildpack spec 0.12, "buildpack.toml"). Buildpacks come from the operator, not from a build.</summary>
internal static class BuildpackToml
{
    private const string Bionic = "io.buildpacks.stacks.bionic";
    private static readonly BuildpackApi TargetsReplaceStacks = new(0, 10);
    private static readonly BuildpackApi HasExecEnv = new(0, 12);

    public static Buildpack Read(string directory, string inside)
    {
        var path = Path.Combine(directory, "buildpack.toml");
        if (!File.Exists(path) && File.Exists(Path.Combine(directory, "extension.toml")))
        {
            throw new LifecycleFailure.InvalidBuildpack(directory, "it is an image extension (extension.toml), which this platform does not run.");
        }
        try
        {
            var table = TomlReader.Parse(File.ReadAllBytes(path));
            var about = table.Table("buildpack") ?? throw new FormatException("it has no [buildpack] table");
            var id = about.Text("id") ?? throw new FormatException("it has no id");
            var apiText = table.Text("api");
            if (!BuildpackApi.TryParse(apiText, out var api) || !api.IsSupported)
            {
                throw new LifecycleFailure.IncompatibleBuildpack(id, apiText);
            }

            var order = table.TryGet("order", out _) ? Order.Read(table) : null;
            if (order is null)
            {
                CheckExecutable(directory, "bin/detect");
                CheckExecutable(directory, "bin/build");
            }

            return new Buildpack
            {
                Id = IsId(id) ? id : throw new FormatException($"'{id}' is not a buildpack id"),
                Version = about.Text("version") ?? throw new FormatException("it has no version"),
                Api = api,
                Directory = directory,
                Inside = inside,
                Homepage = about.Text("homepage"),
                ClearEnv = about.Flag("clear-env"),
                Targets = order is null ? ReadTargets(table, api) : [],
                ExecEnv = api >= HasExecEnv ? ReadExecEnv(about) : [],
                SbomFormats = [.. about.Texts("sbom-formats").Select(type => type.Split(';')[0].Trim())],
                Metadata = table.Table("metadata")?.Where(pair => pair.Value is string).ToDictionary(pair => pair.Key, pair => (string)pair.Value) ?? [],
                Order = order,
            };
        }
        catch (Exception exception) when (exception is IOException or TomlException or FormatException)
        {
            throw new LifecycleFailure.InvalidBuildpack(path, exception.Message, exception);
        }
    }

    /// <summary>The id becomes a directory name, with '_' for '/'; these are taken by the lifecycle itself.</summary>
    public static bool IsId(string? id) =>
        id?.Length > 0 && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or '/')
        && id is not ("." or ".." or "config" or "app" or "generated" or "sbom");

    private static void CheckExecutable(string directory, string name)
    {
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            throw new FormatException($"it has no {name}");
        }

        if ((File.GetUnixFileMode(path) & execute) == 0)
        {
            throw new FormatException($"its {name} is not executable");
        }
    }

    /// <summary>The text form of the reference lifecycle, or the spec's [[buildpack.exec-env]] tables with a name each.</summary>
    private static IReadOnlyList<string> ReadExecEnv(TomlTable about) =>
        about.TryGet("exec-env", out var value) && value is TomlArray { Count: > 0 } array && array.All(item => item is TomlTable)
            ? [.. about.Tables("exec-env").Select(entry => entry.Text("name") ?? "")]
            : about.Texts("exec-env");

    /// <summary>Older buildpacks name stacks. As the reference maps them: "*" is any target, bionic was Ubuntu 18.04, and whatever else
    /// there is runs on Linux. (An empty list would match anything.)</summary>
    private static IReadOnlyList<BuildpackTarget> ReadTargets(TomlTable table, BuildpackApi api)
    {
        if (table.Tables("targets") is { Count: > 0 } targets)
        {
            return [.. targets.Select(ReadTarget)];
        }

        var stacks = table.Tables("stacks");
        IReadOnlyList<BuildpackTarget> mapped =
        [
            .. stacks.Select(stack => stack.Text("id") switch
            {
                "*" => new BuildpackTarget(null, null, null, []),
                Bionic when api >= TargetsReplaceStacks || stacks.Count == 1 => new BuildpackTarget("linux", "amd64", null, [("ubuntu", "18.04")]),
                _ => null,
            }).OfType<BuildpackTarget>(),
        ];
        return mapped.Count > 0 ? mapped : [new BuildpackTarget("linux", null, null, [])];
    }

    private static BuildpackTarget ReadTarget(TomlTable target) => new(
        target.Text("os"),
        target.Text("arch"),
        target.Text("variant") ?? target.Text("arch-variant"),
        [.. target.Tables("distros").Select(distribution => (distribution.Text("name") ?? "", distribution.Text("version")))]);
}
