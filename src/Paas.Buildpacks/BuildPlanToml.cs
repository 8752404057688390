using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>The build plan that bin/detect writes (CNB buildpack spec 0.12, "Build Plan"): an own section, then [[or]] alternatives.</summary>
internal static class BuildPlanToml
{
    /// <exception cref="TomlException">Not TOML.</exception>
    /// <exception cref="FormatException">Not a build plan.</exception>
    public static IReadOnlyList<PlanSections> Read(string text)
    {
        var table = TomlReader.Parse(text);
        return [ReadSections(table), .. table.Tables("or").Select(ReadSections)];
    }

    private static PlanSections ReadSections(TomlTable table) => new(
        [.. table.Tables("provides").Select(Name)],
        [.. table.Tables("requires").Select(ReadRequire)]);

    private static Require ReadRequire(TomlTable table) => table.TryGet("version", out _)
        ? throw new FormatException($"'{Name(table)}' is required with a top-level version; it belongs into its metadata.")
        : new Require(Name(table), table.Table("metadata") ?? new TomlTable());

    private static string Name(TomlTable table) =>
        table.Text("name") is { Length: > 0 } name ? name : throw new FormatException("An entry of the build plan has no name.");
}
