namespace Paas.Engine.Native.Logs;

/// <summary>Reads one instance's log forward from a place, across rotations, as it grows.</summary>
/// <param name="path">Of the file that is written now.</param>
internal sealed class LogReader(InstanceId id, string path) : IDisposable
{
    // The pieces of a long line stand apart where the other stream wrote in between: reading begins so much earlier to have them all.
    private const int Lead = 64 * 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Queue<LogLine> _ready = new();
    private LineJoiner _joiner = new(id);
    private LogFile? _file;
    private LogPlace _after;
    private LogPlace? _until;

    public InstanceId Id => id;

    public string Name { get; } = LogFiles.NameOf(id);

    /// <summary>Nothing of it is on disk any more, and all was read.</summary>
    public bool Gone => _ready.Count == 0 && LogFiles.Chain(path).Count == 0;

    /// <summary>The next line, if there is one by now.</summary>
    public bool TryPeek([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LogLine? line)
    {
        while (_ready.Count == 0 && ReadSome())
        {
        }

        return _ready.TryPeek(out line);
    }

    public LogLine Take() => _ready.Dequeue();

    /// <summary>Goes behind the newest lines and returns those: at least so many if there are, perhaps more.</summary>
    /// <param name="until">Null: to the end as it is now; else lines behind this place are left out.</param>
    public List<LogLine> Last(int count, LogPlace? until)
    {
        // Pieces are counted as lines at first, so where there are many of them a second look goes further back.
        for (long wanted = count; ; wanted *= 8)
        {
            var (start, all) = Back(wanted, until);
            if (start is { } place)
            {
                Seek(place);
            }

            _until = until;
            List<LogLine> lines = [];
            while (start is not null && TryPeek(out _))
            {
                lines.Add(Take());
            }

            if (all || lines.Count >= count)
            {
                return lines;
            }
        }
    }

    /// <summary>Lines that end behind the place come next. False when there never was such a place.</summary>
    public bool Seek(LogPlace place)
    {
        Reset();
        var numbers = Numbers();
        if (numbers is not [var oldest, ..])
        {
            return place.File <= 1;
        }

        if (place.File < oldest)
        {
            // What stood there and was not read is gone.
            Open(oldest, 0);
            if (place != default)
            {
                SayMissing();
            }

            return true;
        }

        if (place.File > numbers[^1])
        {
            return false;
        }

        if (!Open(place.File, Math.Max(0, place.Offset - Lead)) || _file!.Length < place.Offset)
        {
            return false;
        }

        if (place.Offset < Lead && place.File > oldest && place.Offset > 0)
        {
            var at = numbers.Contains(place.File - 1) && LogFile.Open(path, place.File - 1) is { } before ? Take(before) : 0;
            Open(at > 0 ? place.File - 1 : place.File, Math.Max(0, at - Lead));
        }

        _after = place;
        return true;

        static long Take(LogFile file)
        {
            using (file)
            {
                return file.Length;
            }
        }
    }

    /// <summary>The place that parts lines before a time from those behind it.</summary>
    public LogPlace Bound(Func<DateTimeOffset, bool> isBefore)
    {
        var bound = default(LogPlace);
        foreach (var file in LogFile.NewestFirst(path))
        {
            using (file)
            {
                bound = new LogPlace(file.Number, 0);
                if (file.TimeAt(0, out _) is { } first && isBefore(first))
                {
                    return bound with { Offset = file.Bound(isBefore) };
                }
            }
        }

        return bound;
    }

    /// <summary>The next line says that lines before it are gone.</summary>
    public void SayMissing()
    {
        var file = _file ?? throw new InvalidOperationException("No file is open: seek first.");
        var offset = file.Offset;
        var at = file.TimeAt(0, out _) ?? DateTimeOffset.UnixEpoch;
        file.Offset = offset;
        _ready.Enqueue(new LogLine(at, "platform", id.Process.Release, false, $"Older lines of {id.Short} are gone: it has written more than is kept.")
        {
            Position = new LogPosition(Name, new LogPlace(file.Number, 0), at),
        });
    }

    public void Dispose() => _file?.Dispose();

    private void Reset()
    {
        _file?.Dispose();
        _file = null;
        _ready.Clear();
        _joiner = new LineJoiner(id);
        (_after, _until) = (default, null);
    }

    /// <summary>A place with more than so many lines behind it; else the oldest, and that nothing older exists. No place: no file.</summary>
    private (LogPlace? Start, bool All) Back(long wanted, LogPlace? until)
    {
        LogPlace? start = null;
        foreach (var file in LogFile.NewestFirst(path))
        {
            using (file)
            {
                if (until is { } limit && file.Number > limit.File)
                {
                    continue;
                }

                var end = until is { } last && file.Number == last.File ? Math.Min(last.Offset, file.Length) : file.Length;
                var (offset, lines) = file.Back(wanted, end);
                start = new LogPlace(file.Number, offset == 0 ? 0 : file.LineFrom(offset));
                wanted -= lines;
                if (wanted < 0)
                {
                    return (start, false);
                }
            }
        }

        return (start, true);
    }

    /// <summary>False when there is nothing more by now.</summary>
    private bool ReadSome()
    {
        while (true)
        {
            // Looked up before reading to the end: conmon closes the old file before a new one has this name, so what is
            // read afterwards is all there will ever be in the old one.
            var next = Next();
            if (_file is not null)
            {
                var at = new LogPlace(_file.Number, _file.Offset);
                if (_until is { } end && at >= end)
                {
                    return false;
                }

                if (_file.Read(_buffer) is > 0 and var read)
                {
                    _joiner.Add(_buffer.AsSpan(0, read), at, Add);
                    if (_ready.Count > 0)
                    {
                        return true;
                    }

                    continue;
                }
            }

            var before = _file?.Number;
            if (next is not { } following || LogFile.Open(path, following) is not { } file)
            {
                return false;
            }

            _file?.Dispose();
            _file = file;
            if (before is { } number && file.Number > number + 1)
            {
                SayMissing();
                return true;
            }
        }
    }

    private void Add(LogLine line)
    {
        var place = line.Position.Place;
        if (place > _after && (_until is not { } end || place <= end))
        {
            _ready.Enqueue(line);
        }
    }

    private bool Open(int number, long offset)
    {
        _file?.Dispose();
        _file = LogFile.Open(path, LogFiles.Rotated(path).Any(file => file.Number == number) ? number : LogFile.Current);
        if (_file is null)
        {
            return false;
        }

        _file.Offset = _file.LineFrom(offset);
        return _file.Number == number;
    }

    /// <summary>Of all files, oldest first.</summary>
    private List<int> Numbers()
    {
        List<int> numbers = [.. LogFiles.Rotated(path).Select(file => file.Number)];
        if (File.Exists(path))
        {
            numbers.Add(numbers is [.., var newest] ? newest + 1 : 1);
        }

        return numbers;
    }

    /// <summary>The number of the file after the one being read, or <see cref="LogFile.Current"/>; null while there is none.</summary>
    private int? Next()
    {
        foreach (var (_, number) in LogFiles.Rotated(path))
        {
            if (_file is null || number > _file.Number)
            {
                return number;
            }
        }

        return LogFiles.Identity(path) is { } current && current != _file?.Identity ? LogFile.Current : null;
    }
}
