namespace Paas.Buildpacks.Toml;

/// <summary>The text is not TOML 1.0.</summary>
public sealed class TomlException(string problem, int line) : Exception($"line {line}: {problem}")
{
    /// <summary>Counted from 1.</summary>
    public int Line { get; } = line;
}
