namespace Paas.Engine.Native.Logs;

/// <summary>Reads one instance's log: its newest lines first, then what is added, across rotations.</summary>
/// <param name="path">Of the file that is written now.</param>
internal sealed class LogReader(InstanceId id, string path) : IDisposable
{
    private const int Block = 64 * 1024;

    private LineJoiner _joiner = new(id);
    private readonly byte[] _buffer = new byte[Block];
    private FileStream? _file;
    private ulong? _identity;

    public InstanceId Id => id;

    /// <summary>Nothing of it is on disk any more.</summary>
    public bool Gone => LogFiles.Chain(path).Count == 0;

    /// <summary>At least the newest <paramref name="count"/> lines if there are so many, perhaps more.</summary>
    /// <param name="since">Files last written before it are left out.</param>
    public List<LogLine> Last(int count, DateTimeOffset? since)
    {
        // Pieces are counted as lines at first, so where there are many of them a second look goes further back.
        for (long wanted = count; ; wanted *= 8)
        {
            var lines = ReadBack(wanted, since, out var all);
            if (all || lines.Count > count)
            {
                return lines;
            }
        }
    }

    /// <summary>Lines that were written since the last call.</summary>
    public List<LogLine> New()
    {
        List<LogLine> result = [];
        while (true)
        {
            // Looked up before reading to the end: conmon closes the old file before a new one has this name, so what is
            // read afterwards is all there will ever be in the old one.
            var next = Next();
            if (_file is not null)
            {
                ReadToEnd(_file, result);
            }

            if (next is null || Open(next) is not { } stream)
            {
                return result;
            }

            _file?.Dispose();
            _file = stream;
            _identity = LogFiles.Identity(stream.SafeFileHandle);
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <param name="all">Nothing older exists (or is wanted).</param>
    private List<LogLine> ReadBack(long wanted, DateTimeOffset? since, out bool all)
    {
        // 1. From the newest file back, as far as needed. A rename in between does no harm: the open file stays the same.
        var parts = new Stack<(FileStream File, long From)>();
        HashSet<ulong?> seen = [];
        var found = 0L;
        all = true;
        foreach (var file in LogFiles.Chain(path).Reverse())
        {
            if (Open(file) is not { } stream)
            {
                continue;
            }

            if (!seen.Add(LogFiles.Identity(stream.SafeFileHandle)) || (parts.Count > 0 && since is { } from && File.GetLastWriteTimeUtc(stream.SafeFileHandle) < from))
            {
                stream.Dispose();
                continue;
            }

            var (start, lines) = FindStart(stream, wanted - found);
            parts.Push((stream, start));
            found += lines;
            if (found > wanted)
            {
                all = false;
                break;
            }
        }

        // 2. Forward through them, so that pieces join across files.
        _joiner = new LineJoiner(id);
        _file?.Dispose();
        _file = null;
        List<LogLine> result = [];
        while (parts.TryPop(out var part))
        {
            part.File.Position = part.From;
            ReadToEnd(part.File, result);
            _file?.Dispose();
            _file = part.File;
        }

        _identity = _file is null ? null : LogFiles.Identity(_file.SafeFileHandle);
        return result;
    }

    /// <summary>The file after the one being read; null while that one is the newest.</summary>
    private string? Next()
    {
        var current = LogFiles.Identity(path);
        if (_identity is null)
        {
            return LogFiles.Chain(path) is [var oldest, ..] ? oldest : null;
        }

        if (current is null || current == _identity)
        {
            return null;
        }

        // Not found: it was rotated out of what is kept, so the oldest one kept follows.
        var rotated = LogFiles.Rotated(path);
        var at = rotated.Select((file, index) => (file, index)).FirstOrDefault(f => LogFiles.Identity(f.file.Path) == _identity, (default, -1)).index;
        return at + 1 < rotated.Count ? rotated[at + 1].Path : path;
    }

    /// <summary>An offset from which on there are at least so many lines, and how many there are.</summary>
    private (long Start, long Lines) FindStart(FileStream file, long wanted)
    {
        var length = file.Length;
        for (long span = Block; ; span *= 4)
        {
            var start = Math.Max(0, length - span);
            file.Position = start;
            var lines = 0L;
            for (int read; (read = file.Read(_buffer)) > 0;)
            {
                lines += _buffer.AsSpan(0, read).Count((byte)'\n');
            }

            if (start == 0 || lines > wanted)
            {
                return (start, lines);
            }
        }
    }

    private void ReadToEnd(FileStream file, List<LogLine> lines)
    {
        for (int read; (read = file.Read(_buffer)) > 0;)
        {
            _joiner.Add(_buffer.AsSpan(0, read), lines);
        }
    }

    private static FileStream? Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
