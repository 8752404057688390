namespace Paas.Buildpacks.Toml;

/// <summary>A date or time of one of TOML's four kinds, kept as it was written.</summary>
public sealed record TomlTime(TomlTimeKind Kind, string Text)
{
    public override string ToString() => Text;
}

public enum TomlTimeKind
{
    OffsetDateTime,
    LocalDateTime,
    LocalDate,
    LocalTime,
}
