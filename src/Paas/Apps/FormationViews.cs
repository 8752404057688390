using Paas.Client;

namespace Paas.Apps;

/// <summary>Command by process type of the app's current release; null before the first. Bound by the slice that knows (Releases).</summary>
public delegate IReadOnlyDictionary<string, string>? CommandsOf(App app);

internal static class FormationViews
{
    /// <summary>Runs once for each release; it has no count.</summary>
    private const string Release = "release";

    /// <summary>Every type that the current release has or that was scaled; before the first release that is "web" at least.</summary>
    public static IReadOnlyList<FormationView> Of(IReadOnlyList<Formation> formation, IReadOnlyDictionary<string, string>? commands) =>
    [
        .. formation.Select(item => item.Type)
            .Union(commands?.Keys ?? ["web"])
            .Where(type => type != Release)
            .OrderBy(type => type != "web").ThenBy(type => type, StringComparer.Ordinal)
            .Select(type => View(formation.FirstOrDefault(item => item.Type == type) ?? new Formation(type, type == "web" ? 1 : 0), commands?.GetValueOrDefault(type))),
    ];

    private static FormationView View(Formation item, string? command) => new(item.Type, item.Count, item.MemoryMb, item.Pids, item.DiskMb, command);
}
