namespace Paas.Buildpacks;

/// <summary>One buildpack that a build can use, as its buildpack.toml describes it (CNB buildpack spec 0.12, "buildpack.toml").</summary>
public sealed record Buildpack
{
    /// <summary>For example "paas/node".</summary>
    public required string Id { get; init; }

    /// <summary>Any text: not every buildpack uses semantic versions.</summary>
    public required string Version { get; init; }

    public required BuildpackApi Api { get; init; }

    /// <summary>On the host, the folder with buildpack.toml.</summary>
    public required string Directory { get; init; }

    /// <summary>The same folder as the buildpacks see it (CNB_BUILDPACK_DIR).</summary>
    public required string Inside { get; init; }

    public string? Homepage { get; init; }

    /// <summary>The platform's env files stay files and are not set as variables.</summary>
    public bool ClearEnv { get; init; }

    public IReadOnlyList<BuildpackTarget> Targets { get; init; } = [];

    /// <summary>Execution environments that it takes part in; empty: all.</summary>
    public IReadOnlyList<string> ExecEnv { get; init; } = [];

    /// <summary>Media types of the bills of materials that it may write.</summary>
    public IReadOnlyList<string> SbomFormats { get; init; } = [];

    /// <summary>Not null for a composite buildpack, which is only an order of others.</summary>
    public Order? Order { get; init; }

    /// <summary>Its detection may share a sandbox with those of others of which this is said too: they trust each other.</summary>
    public bool IsAskedTogether { get; init; }

    /// <summary>What [metadata] says in plain texts; the rest of it is the buildpack's own affair.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of its directory under the layers directory.</summary>
    public string LayersName => Id.Replace('/', '_');

    public override string ToString() => $"{Id} {Version}";

    /// <summary>Whether a text may be a buildpack's id (CNB buildpack spec 0.12, "buildpack.toml").</summary>
    public static bool IsId(string? text) => BuildpackToml.IsId(text);

    /// <summary>Reads buildpack.toml.</summary>
    /// <exception cref="LifecycleFailure.IncompatibleBuildpack">Its API is not one of ours.</exception>
    /// <exception cref="LifecycleFailure.InvalidBuildpack">buildpack.toml cannot be understood.</exception>
    public static Buildpack Read(string directory, string inside) => BuildpackToml.Read(directory, inside);
}

/// <summary>A platform that a buildpack works on; null and empty mean any.</summary>
public sealed record BuildpackTarget(string? Os, string? Architecture, string? Variant, IReadOnlyList<(string Name, string? Version)> Distributions);
