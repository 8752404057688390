using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Groups of buildpacks to try, in this order (CNB platform spec 0.15, "order.toml").</summary>
public sealed record Order(IReadOnlyList<OrderGroup> Groups)
{
    /// <summary>Reads the text of an order.toml.</summary>
    /// <exception cref="TomlException">Not TOML.</exception>
    /// <exception cref="FormatException">TOML, but not an order.</exception>
    public static Order Parse(string toml) => Read(TomlReader.Parse(toml));

    internal static Order Read(TomlTable table) => table.TryGet("order-extensions", out _)
        ? throw new FormatException("the order has image extensions (order-extensions), which this platform does not run.")
        : new([.. table.Tables("order").Select(order => new OrderGroup([.. order.Tables("group").Select(ReadEntry)]))]);

    private static OrderEntry ReadEntry(TomlTable entry) => new(
        entry.Text("id") ?? throw entry.Error("id", "A group entry of the order has no id."),
        entry.Text("version"),
        entry.Flag("optional"))
    {
        ExecEnv = entry.Texts("exec-env") is { Count: > 0 } names ? names : [],
    };
}

/// <summary>Buildpacks that are tried together; the first group that passes builds the app.</summary>
public sealed record OrderGroup(IReadOnlyList<OrderEntry> Entries);

/// <param name="Id">The buildpack.</param>
/// <param name="Version">Null: the only one, or the last one that the caller listed.</param>
/// <param name="Optional">The group also passes without it.</param>
public sealed record OrderEntry(string Id, string? Version = null, bool Optional = false)
{
    /// <summary>Where it takes part, such as "production"; empty: anywhere. Elsewhere the group is as if it were not named.</summary>
    public IReadOnlyList<string> ExecEnv { get; init; } = [];
}
