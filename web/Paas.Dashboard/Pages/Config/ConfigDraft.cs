using Paas.Client;

namespace Paas.Dashboard.Pages.Config;

/// <summary>Changes that are typed but not saved. Each remembers what its var was when it was begun, so that nobody's change is overwritten unseen.</summary>
public sealed class ConfigDraft
{
    private readonly SortedDictionary<string, Wish> _wishes = new(StringComparer.Ordinal);

    public int Count => _wishes.Count;

    public IEnumerable<Wish> Wishes => _wishes.Values;

    /// <summary>Null when nothing is wished of the var.</summary>
    public Wish? Find(string name) => _wishes.GetValueOrDefault(name);

    public void Put(Wish wish) => _wishes[wish.Name] = wish;

    public void Drop(string name) => _wishes.Remove(name);

    public void Clear() => _wishes.Clear();

    /// <summary>Whether somebody else has changed the var since the wish was begun.</summary>
    public static bool IsStale(Wish wish, ConfigVarView? now) => wish.Seen != now?.Version;

    /// <summary>What the API is asked to do.</summary>
    /// <param name="more">A wish that is not in the draft yet; null: none.</param>
    public UpdateConfig ToUpdate(params IReadOnlyList<Wish> more)
    {
        var all = _wishes.Values.Where(wish => more.All(other => other.Name != wish.Name)).Concat(more).ToList();
        return new UpdateConfig(all.Where(wish => wish.Removed || wish.Value is not null).ToDictionary(wish => wish.Name, wish => wish.Removed ? null : wish.Value, StringComparer.Ordinal))
        {
            Marks = all.Where(wish => !wish.Removed && (wish.Scope ?? (object?)wish.Plain) is not null)
                .ToDictionary(wish => wish.Name, wish => new ConfigMarks(wish.Scope, wish.Plain), StringComparer.Ordinal),
            IfVersions = all.ToDictionary(wish => wish.Name, wish => wish.Seen, StringComparer.Ordinal),
        };
    }

    /// <summary>The same in a terminal; values are left for the reader to type.</summary>
    public string Command(string app)
    {
        var set = _wishes.Values.Where(wish => wish.Value is not null).Select(wish => $"{wish.Name}=...").ToList();
        var unset = _wishes.Values.Where(wish => wish.Removed).Select(wish => wish.Name).ToList();
        var commands = new[]
        {
            set.Count == 0 ? null : set.Count > 5 ? $"paas config set --from-file .env --app {app}" : $"paas config set {string.Join(' ', set)} --app {app}",
            unset.Count == 0 ? null : $"paas config unset {string.Join(' ', unset.Take(5))}{(unset.Count > 5 ? " ..." : "")} --app {app}",
        };
        return string.Join(" && ", commands.OfType<string>()) is { Length: > 0 } command ? command : $"paas config set NAME=VALUE --scope all|run --app {app}";
    }

    /// <param name="Value">Null: it keeps its value, or goes.</param>
    /// <param name="Scope">all or run; null keeps it.</param>
    /// <param name="Plain">Null keeps it.</param>
    /// <param name="Seen">Version of the var when the wish was begun; null when there was none.</param>
    public sealed record Wish(string Name, string? Value, bool Removed, string? Scope, bool? Plain, string? Seen);
}
