namespace Paas.Engine.Native.Logs;

/// <summary>The lines of several instances as one stream by time, which knows at each line what its reader has by then.</summary>
internal sealed class LogMerge(LogQuery query, string directory) : IDisposable
{
    /// <summary>After so many lines newcomers are looked for, however much is still to be told.</summary>
    private const int Round = 10_000;

    private readonly Dictionary<InstanceId, LogReader> _readers = [];

    /// <summary>How far each instance was told, and the time of its line there.</summary>
    private readonly Dictionary<string, (LogPlace Place, DateTimeOffset At)> _told = [];

    /// <summary>More can be told without waiting for it.</summary>
    public bool HasMore { get; private set; }

    /// <summary>What is there when the query begins.</summary>
    public IEnumerable<LogLine> Begin()
    {
        if (query.After is null && query.From is null && query.Since is null)
        {
            return Newest();
        }

        foreach (var (name, place) in query.After?.Places ?? new Dictionary<string, LogPlace>())
        {
            _told[name] = (place, query.After!.Horizon + LogCursor.Late);
        }

        return query.Follow ? Fresh() : Oldest().Take(query.Tail);
    }

    /// <summary>What has come since, by time; not all of it when there is very much.</summary>
    public IEnumerable<LogLine> Fresh()
    {
        Join();
        var heads = new PriorityQueue<LogReader, (DateTimeOffset At, string Name)>();
        foreach (var reader in _readers.Values)
        {
            if (reader.TryPeek(out var line))
            {
                heads.Enqueue(reader, (line.At, reader.Name));
            }
        }

        for (var told = 0; told < Round && heads.TryDequeue(out var reader, out _); told++)
        {
            var line = reader.Take();
            if (reader.TryPeek(out var next))
            {
                heads.Enqueue(reader, (next.At, reader.Name));
            }

            yield return Tell(line);
        }

        HasMore = heads.Count > 0;
        foreach (var reader in _readers.Values.Where(reader => reader.Gone).ToArray())
        {
            _readers.Remove(reader.Id);
            reader.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var reader in _readers.Values)
        {
            reader.Dispose();
        }
    }

    private IEnumerable<LogLine> Oldest()
    {
        do
        {
            foreach (var line in Fresh())
            {
                yield return line;
            }
        }
        while (HasMore);
    }

    private IEnumerable<LogLine> Newest()
    {
        List<LogLine> lines = [];
        foreach (var reader in Added())
        {
            var last = reader.Last(query.Tail, query.Before is { } before ? PlaceBefore(reader, before) : null);
            if (last.Count > query.Tail && last[^(query.Tail + 1)] is var skipped)
            {
                _told[reader.Name] = (skipped.Position.Place, skipped.At);
            }

            lines.AddRange(last.TakeLast(query.Tail));
        }

        // A stable order: lines of the same time stay as they were written.
        lines = [.. lines.OrderBy(line => line.At).ThenBy(line => line.Position.Instance, StringComparer.Ordinal)];
        foreach (var skipped in lines.SkipLast(query.Tail))
        {
            _told[skipped.Position.Instance] = (skipped.Position.Place, skipped.At);
        }

        return lines.TakeLast(query.Tail).Select(Tell);
    }

    /// <summary>Readers for instances that have none yet, at the place where the query begins.</summary>
    private void Join()
    {
        foreach (var reader in Added())
        {
            if (query.After is { } after && (!after.Places.TryGetValue(reader.Name, out var place) || !reader.Seek(place)))
            {
                SeekTime(reader, time => time <= after.Horizon);
            }
            else if (query.After is null && query.From is { } from)
            {
                if (reader.Name == from.Instance)
                {
                    reader.Seek(from.Place with { Offset = Math.Max(0, from.Place.Offset - 1) });
                }
                else
                {
                    SeekTime(reader, time => IsBefore(time, reader, from));
                }
            }
            else if (query.After is null && query.Since is { } since)
            {
                SeekTime(reader, time => time <= since);
            }
        }
    }

    private List<LogReader> Added()
    {
        List<LogReader> added = [];
        foreach (var id in LogFiles.Instances(directory, query.App))
        {
            if ((query.Type is null || id.Process.Type == query.Type) && (query.Index is null || id.Index == query.Index) && !_readers.ContainsKey(id))
            {
                added.Add(_readers[id] = new LogReader(id, LogFiles.PathOf(directory, id)));
            }
        }

        return added;
    }

    private static void SeekTime(LogReader reader, Func<DateTimeOffset, bool> isBefore)
    {
        var bound = reader.Bound(isBefore);
        reader.Seek(bound);
        if (bound is { File: > 1, Offset: 0 })
        {
            reader.SayMissing();
        }
    }

    private static LogPlace PlaceBefore(LogReader reader, LogPosition line) => reader.Name == line.Instance
        ? line.Place with { Offset = line.Place.Offset - 1 }
        : reader.Bound(time => IsBefore(time, reader, line));

    private static bool IsBefore(DateTimeOffset time, LogReader reader, LogPosition line) =>
        time < line.At || (time == line.At && StringComparer.Ordinal.Compare(reader.Name, line.Instance) < 0);

    private LogLine Tell(LogLine line)
    {
        var position = line.Position;
        var horizon = line.At - LogCursor.Late;
        _told[position.Instance] = (position.Place, line.At);
        return line with { Cursor = new LogCursor(horizon, _told.Where(told => told.Value.At > horizon).ToDictionary(told => told.Key, told => told.Value.Place)) };
    }
}
