using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks.Project;

/// <summary>A buildpack that a project.toml asks for: by id, by where it comes from, or as a script of its own.</summary>
public sealed record ProjectBuildpack
{
    /// <summary>Null only where <see cref="Uri"/> says which.</summary>
    public string? Id { get; init; }

    /// <summary>Null: whichever is installed.</summary>
    public string? Version { get; init; }

    /// <summary>A path relative to the source, an URL, or an image reference, as written; null: <see cref="Id"/> says which.</summary>
    public string? Uri { get; init; }

    /// <summary>Not null: the source brings the buildpack itself, as one script (<see cref="ScriptBuildpack"/>).</summary>
    public ProjectScript? Script { get; init; }

    /// <summary>Where project.toml names it, for sentences.</summary>
    public TomlPosition? Position { get; init; }

    /// <summary>Not one buildpack but the builder's own order.</summary>
    public bool IsBuiltInOrder => Uri is "from=builder" or "urn:cnb:builder";

    /// <summary>As people name it.</summary>
    public override string ToString() => Uri ?? (Version is null ? Id! : $"{Id}@{Version}");
}

/// <param name="Api">The buildpack API that the script was written for.</param>
/// <param name="Inline">What bin/build does.</param>
/// <param name="Shell">The interpreter, by its path in the build image.</param>
public sealed record ProjectScript(BuildpackApi Api, string Inline, string Shell);
