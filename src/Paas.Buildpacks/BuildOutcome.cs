using Paas.Buildpacks.Sbom;
using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>What the buildpacks left, read and checked.</summary>
/// <param name="Buildpacks">One per member of the group, in order.</param>
/// <param name="Processes">By type, sorted; at most one is the default.</param>
/// <param name="Labels">For the image, in the order they were given; a later one of the same key wins.</param>
/// <param name="Slices">Each one a list of globs relative to the app directory.</param>
public sealed record BuildOutcome(
    IReadOnlyList<BuiltBuildpack> Buildpacks,
    IReadOnlyList<LaunchProcess> Processes,
    IReadOnlyList<(string Key, string Value)> Labels,
    IReadOnlyList<IReadOnlyList<string>> Slices)
{
    public IReadOnlyList<BuiltSbom> Sboms { get; init; } = [];
}

/// <param name="Buildpack">Who built.</param>
/// <param name="Layers">Those with at least one flag, by name.</param>
/// <param name="Store">Text of store.toml; null when there is none.</param>
public sealed record BuiltBuildpack(Buildpack Buildpack, IReadOnlyList<BuiltLayer> Layers, string? Store);

/// <param name="Name">Directory name.</param>
/// <param name="Flags">Its types.</param>
/// <param name="Metadata">Its [metadata] table, empty when there is none.</param>
/// <param name="HasContents">False: the directory is absent.</param>
public sealed record BuiltLayer(string Name, LayerFlags Flags, TomlTable Metadata, bool HasContents);

/// <summary>A process that the image can start (CNB buildpack spec 0.12, "launch.toml").</summary>
public sealed record LaunchProcess
{
    public required string Type { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Arguments that a person's own replace.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>False only for API 0.7 and 0.8: the command is a line for bash.</summary>
    public bool Direct { get; init; } = true;

    public bool Default { get; init; }

    /// <summary>Absolute, or relative to the app directory; null: the app directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Where it may run, such as "production"; empty: anywhere.</summary>
    public IReadOnlyList<string> ExecEnv { get; init; } = [];

    public required string BuildpackId { get; init; }

    /// <summary>Command and arguments in one line, as people read it.</summary>
    public string Text => Command switch
    {
        ["bash" or "sh" or "/bin/bash" or "/bin/sh", "-c", var line] => line,
        _ => string.Join(' ', Command.Concat(Args)),
    };
}
