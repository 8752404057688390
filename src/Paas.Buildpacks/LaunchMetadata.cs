using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>layers/config/metadata.toml of the image: what the launcher reads (CNB platform spec 0.15, "metadata.toml").</summary>
internal static class LaunchMetadata
{
    public static string Write(BuildOutcome built)
    {
        var buildpacks = new TomlArray();
        foreach (var buildpack in built.Buildpacks.Select(entry => entry.Buildpack))
        {
            buildpacks.Add(new TomlTable { ["id"] = buildpack.Id, ["version"] = buildpack.Version, ["api"] = buildpack.Api.ToString() });
        }

        var processes = new TomlArray();
        foreach (var process in built.Processes)
        {
            processes.Add(WriteProcess(process));
        }

        return TomlWriter.Write(new TomlTable { ["buildpacks"] = buildpacks, ["processes"] = processes });
    }

    private static TomlTable WriteProcess(LaunchProcess process)
    {
        var table = new TomlTable
        {
            ["type"] = process.Type,
            ["command"] = Texts(process.Command),
            ["args"] = Texts(process.Args),
            ["direct"] = process.Direct,
            ["default"] = process.Default,
            ["buildpack-id"] = process.BuildpackId,
        };
        if (process.WorkingDirectory is not null)
        {
            table["working-dir"] = process.WorkingDirectory;
        }

        if (process.ExecEnv.Count > 0)
        {
            table["exec-env"] = Texts(process.ExecEnv);
        }

        return table;
    }

    private static TomlArray Texts(IReadOnlyList<string> texts)
    {
        var array = new TomlArray();
        foreach (var text in texts)
        {
            array.Add(text);
        }

        return array;
    }
}
