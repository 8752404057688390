using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>What a buildpack says about launching (CNB buildpack spec 0.12, "launch.toml").</summary>
internal sealed record LaunchToml(
    IReadOnlyList<LaunchProcess> Processes,
    IReadOnlyList<(string Key, string Value)> Labels,
    IReadOnlyList<IReadOnlyList<string>> Slices,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Each slice is a layer of the image, of which a run has 128; each path is held against each file of the app.</summary>
    private const int MostSlices = 64, MostPaths = 500;

    private static readonly BuildpackApi CommandIsArray = new(0, 9);
    private static readonly BuildpackApi HasWorkingDirectory = new(0, 8);

    /// <exception cref="FormatException">It breaks the spec.</exception>
    public static LaunchToml Read(TomlTable table, Buildpack buildpack)
    {
        List<string> warnings = [];
        LaunchProcess[] processes = [.. table.Tables("processes").Select(process => ReadProcess(process, buildpack, warnings.Add))];
        if (processes.Where(process => process.Default).Select(process => process.Type).ToList() is { Count: > 1 } defaults)
        {
            throw new FormatException($"only one process can be the default, not each of {string.Join(" and ", defaults.Select(type => $"'{type}'"))}.");
        }

        if (table.TryGet("bom", out _))
        {
            warnings.Add($"{buildpack.Id} writes a bom table into launch.toml, which has no effect: bills of materials are files beside the layers.");
        }

        IReadOnlyList<IReadOnlyList<string>> slices = [.. table.Tables("slices").Select(slice => slice.Texts("paths"))];
        if (slices.Count > MostSlices || slices.Sum(paths => paths.Count) > MostPaths)
        {
            throw new FormatException($"there can be {MostSlices} slices with {MostPaths} paths at most.");
        }

        return new LaunchToml(
            processes,
            [.. table.Tables("labels").Select(label => (label.Text("key") ?? throw label.Error("key", "a label has no key."), label.Text("value") ?? ""))],
            slices,
            warnings);
    }

    private static LaunchProcess ReadProcess(TomlTable process, Buildpack buildpack, Action<string> warn)
    {
        var type = process.Text("type") ?? throw process.Error("type", "a process has no type.");
        if (type is "" or "." or ".." || !type.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'))
        {
            throw new FormatException($"process type '{type}' may only have letters, digits, '.', '_' and '-'.");
        }

        var workingDirectory = process.Text("working-dir") is { Length: > 0 } directory ? directory : null;
        if (workingDirectory is not null && buildpack.Api < HasWorkingDirectory)
        {
            warn($"{buildpack.Id} gives process '{type}' a working directory, which buildpack API {buildpack.Api} does not know: it is left out.");
            workingDirectory = null;
        }

        return new LaunchProcess
        {
            Type = type,
            Command = ReadCommand(process, type, buildpack.Api),
            Direct = buildpack.Api >= CommandIsArray || process.Flag("direct"),
            Args = process.Texts("args"),
            Default = process.Flag("default"),
            WorkingDirectory = workingDirectory,
            ExecEnv = process.Texts("exec-env"),
            BuildpackId = buildpack.Id,
        };
    }

    private static IReadOnlyList<string> ReadCommand(TomlTable process, string type, BuildpackApi api)
    {
        if (api < CommandIsArray)
        {
            return process.Text("command") is { Length: > 0 } line ? [line] : throw NoCommand();
        }

        if (process.TryGet("direct", out _))
        {
            throw new FormatException($"process '{type}' has the key 'direct', which buildpack API {api} does not know: every process is direct.");
        }

        if (process.TryGet("command", out var command) && command is string)
        {
            throw new FormatException($"the command of process '{type}' must be an array from buildpack API {CommandIsArray} on.");
        }

        return process.Texts("command") is [{ Length: > 0 }, ..] words ? words : throw NoCommand();

        FormatException NoCommand() => new($"process '{type}' has no command.");
    }
}
