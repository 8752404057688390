using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Reads and writes the tomls of one buildpack's layers directory (CNB buildpack spec 0.12, "Layers").</summary>
internal sealed class LayerTomls(UntrustedTree layers, string directory)
{
    /// <summary>Files of the directory that describe no layer, and what they are instead.</summary>
    private static readonly Dictionary<string, string> Reserved = new(StringComparer.Ordinal)
    {
        ["build"] = "what the build left unmet",
        ["launch"] = "how the app is started",
        ["store"] = "what the buildpack keeps for its next build",
    };

    /// <summary>Null when the file is absent.</summary>
    /// <exception cref="FormatException">Not TOML, no plain file, or too large.</exception>
    public TomlTable? Read(string name)
    {
        try
        {
            var table = layers.ReadText($"{directory}/{name}.toml") is { } text ? TomlReader.Parse(text) : null;
            return table is not null && Reserved.TryGetValue(name, out var meaning) && table.TryGet("types", out _)
                ? throw new FormatException($"'{name}' cannot name a layer: {name}.toml says {meaning}. Give the layer another name.")
                : table;
        }
        catch (Exception exception) when (exception is TomlException or InvalidDataException)
        {
            throw new FormatException($"{name}.toml: {exception.Message}", exception);
        }
    }

    /// <summary>What is in a file, which may be absent; a fault names the file.</summary>
    /// <exception cref="FormatException">Not TOML, no plain file, too large, or not what it should be.</exception>
    public T Read<T>(string name, Func<TomlTable, T> make)
    {
        var table = Read(name) ?? new TomlTable();
        try
        {
            return make(table);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{name}.toml: {exception.Message}", exception);
        }
    }

    /// <summary>Layers with at least one type, by name. A layer without is to be ignored: it stays where it lies (an overlay cannot
    /// rename a directory of a lower) and is neither exported nor seen by later buildpacks.</summary>
    public IReadOnlyList<BuiltLayer> ReadLayers() =>
    [
        .. layers.FileNames(directory)
            .Where(file => file.EndsWith(".toml", StringComparison.Ordinal))
            .Select(file => file[..^".toml".Length])
            .Where(name => !Reserved.ContainsKey(name))
            .Select(name => Read(name, table => ReadLayer(name, table)))
            .Where(layer => layer.Flags is not { Build: false, Launch: false, Cache: false }),
    ];

    /// <summary>[metadata] as a toml of its own: what is stored, and given back without [types].</summary>
    public static string MetadataText(TomlTable? metadata) =>
        metadata is { Count: > 0 } ? TomlWriter.Write(new TomlTable { ["metadata"] = metadata }) : "";

    private BuiltLayer ReadLayer(string name, TomlTable table)
    {
        if (name is "" or "." or "..")
        {
            throw new FormatException($"'{name}' cannot name a layer.");
        }

        foreach (var flag in new[] { "build", "launch", "cache" })
        {
            if (table.TryGet(flag, out _))
            {
                throw table.Error(flag, $"'{flag}' belongs into the table [types].");
            }
        }

        var types = table.Table("types") ?? new TomlTable();
        return new BuiltLayer(
            name,
            new LayerFlags(types.Flag("build"), types.Flag("launch"), types.Flag("cache")),
            table.Table("metadata") ?? new TomlTable(),
            IsDirectory(name));
    }

    private bool IsDirectory(string name)
    {
        try
        {
            return layers.IsDirectory($"{directory}/{name}");
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"layer {name}: {exception.Message}", exception);
        }
    }
}
