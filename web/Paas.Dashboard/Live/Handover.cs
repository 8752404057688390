using System.Collections.Concurrent;

namespace Paas.Dashboard.Live;

/// <summary>What the first rendering of a page loaded, kept for the seconds until the page comes alive and renders again:
/// nothing is loaded twice, and nothing flickers.</summary>
public sealed class Handover(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    /// <param name="changes">Of the app when it was loaded: see <see cref="FeedState.Changes"/>.</param>
    internal void Put(Key key, object model, long changes)
    {
        var now = time.GetUtcNow();
        foreach (var (old, entry) in _entries)
        {
            if (entry.At + Kept < now)
            {
                _entries.TryRemove(old, out _);
            }
        }

        _entries[key] = new Entry(model, changes, now);
    }

    /// <summary>Null when there is none, or the app has changed since.</summary>
    internal object? Take(Key key, long changes) =>
        _entries.TryRemove(key, out var entry) && entry.Changes == changes && entry.At + Kept >= time.GetUtcNow() ? entry.Model : null;

    /// <param name="User">Models hold what this user may see.</param>
    internal sealed record Key(string Team, string User, string Address);

    private sealed record Entry(object Model, long Changes, DateTimeOffset At);
}
