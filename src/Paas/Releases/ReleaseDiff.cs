using Paas.Apps;
using Paas.Client;

namespace Paas.Releases;

/// <summary>What differs between two releases, without a word about values.</summary>
internal static class ReleaseDiff
{
    /// <param name="earlier">Null: nothing came before.</param>
    /// <returns>By name.</returns>
    public static IReadOnlyList<ConfigChange> Config(Release? earlier, Release later)
    {
        var before = (earlier?.Config ?? []).ToDictionary(item => item.Name, StringComparer.Ordinal);
        var after = later.Config.ToDictionary(item => item.Name, StringComparer.Ordinal);
        return
        [
            .. from name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
               let change = Compare(before.GetValueOrDefault(name), after.GetValueOrDefault(name))
               where change is not null
               select new ConfigChange(name, change),
        ];
    }

    /// <param name="earlier">Null: nothing came before.</param>
    /// <returns>Process types whose command differs, by type.</returns>
    public static IReadOnlyList<ProcessChange> Processes(Release? earlier, Release later) =>
    [
        .. from type in (earlier?.Processes.Keys ?? []).Union(later.Processes.Keys).Order(StringComparer.Ordinal)
           let before = earlier?.Processes.GetValueOrDefault(type)
           let after = later.Processes.GetValueOrDefault(type)
           where before != after
           select new ProcessChange(type, before, after),
    ];

    private static string? Compare(ConfigVar? before, ConfigVar? after) => (before, after) switch
    {
        (null, _) => "added",
        (_, null) => "removed",
        _ => before.Value != after.Value || before.RunOnly != after.RunOnly ? "changed" : null,
    };
}
