namespace Paas.Engine.Native.Logs;

/// <summary>One of an instance's log files, open for reading: it stays the same when it is renamed or removed.</summary>
internal sealed class LogFile : IDisposable
{
    /// <summary>Stands for the number of the file that is written now.</summary>
    public const int Current = 0;

    private const int Block = 64 * 1024;

    private readonly FileStream _stream;

    private LogFile(FileStream stream, int number, ulong? identity) => (_stream, Number, Identity) = (stream, number, identity);

    /// <summary>Its own for ever: that of its name once it is rotated.</summary>
    public int Number { get; }

    public ulong? Identity { get; }

    public long Length => _stream.Length;

    public long Offset
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    /// <summary>Null when it is gone.</summary>
    /// <param name="path">Of the file that is written now.</param>
    public static LogFile? Open(string path, int number)
    {
        FileStream stream;
        try
        {
            var file = number == Current ? path : LogFiles.RotatedPath(path, number);
            stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var identity = LogFiles.Identity(stream.SafeFileHandle);
        return new LogFile(stream, number == Current ? NumberOf(path, identity) : number, identity);
    }

    /// <summary>All that are kept, newest first, opened one by one.</summary>
    public static IEnumerable<LogFile> NewestFirst(string path)
    {
        var last = int.MaxValue;
        if (Open(path, Current) is { } current)
        {
            last = current.Number;
            yield return current;
        }

        foreach (var number in LogFiles.Rotated(path).Select(file => file.Number).Reverse().Where(number => number < last))
        {
            if (Open(path, number) is { } rotated)
            {
                yield return rotated;
            }
        }
    }

    public int Read(byte[] buffer) => _stream.Read(buffer);

    /// <summary>An offset from which on there are more than so many lines up to <paramref name="end"/>, and how many there are; else the beginning.</summary>
    public (long Start, long Lines) Back(long wanted, long end)
    {
        var buffer = new byte[Block];
        for (long span = Block; ; span *= 4)
        {
            var start = Math.Max(0, end - span);
            Offset = start;
            var lines = 0L;
            for (int read; Offset < end && (read = _stream.Read(buffer, 0, (int)Math.Min(Block, end - Offset))) > 0;)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            }

            if (start == 0 || lines > wanted)
            {
                return (start, lines);
            }
        }
    }

    /// <summary>The first line's beginning at or behind the offset; the end when there is none.</summary>
    public long LineFrom(long offset)
    {
        if (offset <= 0)
        {
            return 0;
        }

        Offset = offset - 1;
        var buffer = new byte[Block];
        for (int read; (read = _stream.Read(buffer)) > 0;)
        {
            if (buffer.AsSpan(0, read).IndexOf((byte)'\n') is >= 0 and var end)
            {
                return Offset - read + end + 1;
            }
        }

        return Length;
    }

    /// <summary>Where the first line that is not before the time begins; lines are taken to be in order.</summary>
    /// <param name="isBefore">Whether a line of this time lies before.</param>
    public long Bound(Func<DateTimeOffset, bool> isBefore)
    {
        // Between low, a line's beginning that is before, and high, one that is not.
        var (low, high) = (0L, Length);
        while (low < high)
        {
            var middle = LineFrom(low + ((high - low) / 2));
            if (middle >= high)
            {
                middle = low;
            }

            if (TimeAt(middle, out var next) is { } time && !isBefore(time))
            {
                high = middle;
            }
            else
            {
                low = Math.Min(next, high);
            }
        }

        return high;
    }

    /// <summary>Null when no line that can be read begins there.</summary>
    /// <param name="next">Where the next line begins.</param>
    public DateTimeOffset? TimeAt(long offset, out long next)
    {
        next = LineFrom(offset + 1);
        var buffer = new byte[(int)Math.Min(Block, next - offset)];
        Offset = offset;
        var read = _stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return K8sLine.TryParse(buffer.AsSpan(0, read).TrimEnd((byte)'\n'), out var line) ? line.At : null;
    }

    public void Dispose() => _stream.Dispose();

    // Not among the rotated ones: it will be the next of them.
    private static int NumberOf(string path, ulong? identity)
    {
        var newest = 0;
        foreach (var (file, number) in LogFiles.Rotated(path))
        {
            if (LogFiles.Identity(file) == identity)
            {
                return number;
            }

            newest = number;
        }

        return newest + 1;
    }
}
