using System.Globalization;
using Paas.Apps;
using Paas.Routing;

namespace Paas.Metrics;

/// <summary>Requests of every app in the last hour, by minute: what the edge has counted, cut into minutes.</summary>
/// <remarks>The edge counts up from its start. Each reading adds the difference to the one before; that one outlives this control in
/// <see cref="RequestStore"/>, so a restart of control loses nothing and one of the edge what it counted since the last reading.</remarks>
internal sealed class RequestHistory(RequestStore store, AppStore apps)
{
    public const int Minutes = 60;

    /// <summary>A longer time between two readings means that control was away: nobody knows which minute in between a request belongs to.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Dictionary<long, RequestTally>> _apps = [];
    private readonly HashSet<(long AppId, long Minute)> _unwritten = [];
    private SeenCounts? _seen;

    /// <summary>What an earlier control wrote.</summary>
    public void Load()
    {
        lock (_gate)
        {
            _seen = store.Seen();
            foreach (var (appId, minute, tally) in store.Minutes())
            {
                MinutesOf(appId)[minute] = tally;
            }
        }
    }

    /// <param name="counts">As the edge has them now.</param>
    public void Observe(EdgeCounts counts, DateTimeOffset now)
    {
        // Apps that are gone by now: the edge may count for a moment longer.
        var known = apps.All().Select(static app => app.Id).ToHashSet();
        lock (_gate)
        {
            var before = _seen?.Counts.Run == counts.Run ? _seen.Counts.Apps : null;
            var (first, last) = SpanTo(now);
            foreach (var (id, tally) in counts.Apps)
            {
                var added = tally.Since(before?.GetValueOrDefault(id) ?? RequestTally.Zero);
                if (added.Requests > 0 && AppIdOf(id) is { } appId && known.Contains(appId))
                {
                    Add(appId, added, first, last);
                }
            }

            _seen = new SeenCounts(now, counts);
        }
    }

    /// <summary>Keeps what has changed since the last time, and lets go of what is older than an hour.</summary>
    public void Write(DateTimeOffset now)
    {
        var oldest = MinuteOf(now) - Minutes + 1;
        lock (_gate)
        {
            if (_seen is null)
            {
                return;
            }

            foreach (var (appId, minutes) in _apps)
            {
                foreach (var old in minutes.Keys.Where(minute => minute < oldest).ToList())
                {
                    minutes.Remove(old);
                }

                if (minutes.Count == 0)
                {
                    _apps.Remove(appId);
                }
            }

            var changed = _unwritten.Where(item => item.Minute >= oldest).Select(item => new AppMinute(item.AppId, item.Minute, _apps[item.AppId][item.Minute])).ToList();
            store.Write(changed, _seen, oldest);
            _unwritten.Clear();
        }
    }

    /// <summary>One for each minute, oldest first; the last is the minute that still runs.</summary>
    public IReadOnlyList<RequestTally> Of(long appId, DateTimeOffset now, int minutes)
    {
        var last = MinuteOf(now);
        lock (_gate)
        {
            var known = _apps.GetValueOrDefault(appId);
            return [.. Enumerable.Range(0, minutes).Select(index => known?.GetValueOrDefault(last - minutes + 1 + index) ?? RequestTally.Zero)];
        }
    }

    /// <summary>The app was destroyed.</summary>
    public void Forget(long appId)
    {
        lock (_gate)
        {
            _apps.Remove(appId);
            _unwritten.RemoveWhere(item => item.AppId == appId);
            store.Delete(appId);
        }
    }

    /// <summary>When the first of so many minutes began.</summary>
    public static DateTimeOffset From(DateTimeOffset now, int minutes) => DateTimeOffset.FromUnixTimeSeconds((MinuteOf(now) - minutes + 1) * 60);

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    /// <summary>App.EngineName, read backwards.</summary>
    private static long? AppIdOf(string id) => id is ['a', .. var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var appId) ? appId : null;

    /// <summary>The minutes that the requests since the last reading are divided among.</summary>
    private (long First, long Last) SpanTo(DateTimeOffset now)
    {
        var last = MinuteOf(now);
        if (_seen is not { At: var at } || at > now)
        {
            return (last, last);
        }

        if (now - at <= LongestStep)
        {
            var middle = MinuteOf(at + ((now - at) / 2));
            return (middle, middle);
        }

        return (Math.Max(MinuteOf(at), last - Minutes + 1), last);
    }

    private void Add(long appId, RequestTally added, long first, long last)
    {
        var minutes = MinutesOf(appId);
        var parts = (int)(last - first) + 1;
        for (var part = 0; part < parts; part++)
        {
            if (added.Part(part, parts) is { Requests: > 0 } some)
            {
                minutes[first + part] = minutes.TryGetValue(first + part, out var known) ? known.Plus(some) : some;
                _unwritten.Add((appId, first + part));
            }
        }
    }

    private Dictionary<long, RequestTally> MinutesOf(long appId) => _apps.TryGetValue(appId, out var known) ? known : _apps[appId] = [];
}
