namespace Paas.Builds;

/// <summary>One Debian package of a base image, before and after.</summary>
/// <param name="Image">"run" or "build".</param>
/// <param name="Before">Null: it is new.</param>
/// <param name="After">Null: it goes.</param>
public sealed record PackageChange(string Image, string Name, string? Before, string? After)
{
    public override string ToString() => (Before, After) switch
    {
        (null, _) => $"{Name} {After} (new)",
        (_, null) => $"{Name} {Before} (goes)",
        _ => $"{Name} {Before} -> {After}",
    };

    /// <summary>What differs, by name.</summary>
    internal static IReadOnlyList<PackageChange> Between(string image, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys)
            .Order(StringComparer.Ordinal)
            .Select(name => new PackageChange(image, name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
            .Where(change => change.Before != change.After),
    ];
}
