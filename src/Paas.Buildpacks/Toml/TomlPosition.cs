namespace Paas.Buildpacks.Toml;

/// <summary>A place in TOML text.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">In characters, counted from 1.</param>
public readonly record struct TomlPosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}
