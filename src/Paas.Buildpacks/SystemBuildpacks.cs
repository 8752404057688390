using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Buildpacks that the platform puts around every group (CNB platform spec 0.15, "system.toml"). The file is optional and lies
/// beside the order that it is for.</summary>
/// <param name="Pre">In front of each group.</param>
/// <param name="Post">At the end of each group.</param>
public sealed record SystemBuildpacks(IReadOnlyList<OrderEntry> Pre, IReadOnlyList<OrderEntry> Post)
{
    public const string FileName = "system.toml";

    public static readonly SystemBuildpacks None = new([], []);

    /// <exception cref="TomlException">Not TOML.</exception>
    /// <exception cref="FormatException">TOML, but no system.toml.</exception>
    public static SystemBuildpacks Parse(string toml)
    {
        var table = TomlReader.Parse(toml);
        return new(Read(table.Table("pre")), Read(table.Table("post")));
    }

    /// <summary>The order with these around each group. A group that names the id itself, in whatever version, keeps its own.</summary>
    public Order Around(Order order) => new([.. order.Groups.Select(group => new OrderGroup([.. Missing(Pre, group), .. group.Entries, .. Missing(Post, group)]))]);

    private static IEnumerable<OrderEntry> Missing(IReadOnlyList<OrderEntry> entries, OrderGroup group) =>
        entries.Where(entry => group.Entries.All(own => own.Id != entry.Id));

    private static IReadOnlyList<OrderEntry> Read(TomlTable? table) =>
    [
        .. (table?.Tables("buildpacks") ?? []).Select(entry => new OrderEntry(
            entry.Text("id") ?? throw entry.Error("id", "A buildpack of system.toml has no id."),
            entry.Text("version"),
            entry.Flag("optional"))),
    ];
}
