namespace Paas.Buildpacks.Toml;

/// <summary>The text is not TOML 1.0.</summary>
public sealed class TomlException(string problem, TomlPosition position) : Exception($"{position}: {problem}")
{
    public TomlPosition Position { get; } = position;
}
