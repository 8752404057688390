using System.Text;

namespace Paas.Engine.Native.Logs;

/// <summary>Makes an instance's lines from the bytes of its log files, in order: pieces joined, each stream by itself, and lines
/// that are too long cut. It keeps what is unfinished for the next bytes.</summary>
internal sealed class LineJoiner(InstanceId id)
{
    /// <summary>Longest text of a line in bytes.</summary>
    public const int Longest = 16 * 1024;

    public const string CutMark = " [cut: the line is longer than 16 KB]";

    // A raw line holds at most a piece (conmon reads 8 KB at a time); anything longer is no log of conmon's.
    private const int LongestRaw = 1024 * 1024;

    private readonly string _source = id.Short;
    private readonly Pending _output = new();
    private readonly Pending _error = new();
    private readonly List<byte> _raw = [];
    private readonly string _instance = LogFiles.NameOf(id);

    /// <param name="at">Where the first of the bytes stands.</param>
    public void Add(ReadOnlySpan<byte> bytes, LogPlace at, Action<LogLine> add)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            at = at with { Offset = at.Offset + end + 1 };
            if (_raw.Count == 0)
            {
                AddLine(bytes[..end], at, add);
            }
            else
            {
                _raw.AddRange(bytes[..end]);
                AddLine(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_raw), at, add);
                _raw.Clear();
            }

            bytes = bytes[(end + 1)..];
        }

        if (_raw.Count + bytes.Length <= LongestRaw)
        {
            _raw.AddRange(bytes);
        }
    }

    private void AddLine(ReadOnlySpan<byte> raw, LogPlace end, Action<LogLine> add)
    {
        if (!K8sLine.TryParse(raw, out var line))
        {
            // What a power cut left of a line.
            return;
        }

        var pending = line.Error ? _error : _output;
        pending.Add(line.Text);
        if (line.Full)
        {
            add(new LogLine(line.At, _source, id.Process.Release, line.Error, pending.Take()) { Position = new LogPosition(_instance, end, line.At) });
        }
    }

    private sealed class Pending
    {
        private readonly List<byte> _text = [];
        private bool _cut;

        public void Add(ReadOnlySpan<byte> piece)
        {
            var room = Longest - _text.Count;
            _cut |= piece.Length > room;
            _text.AddRange(piece[..Math.Min(room, piece.Length)]);
        }

        public string Take()
        {
            var text = Encoding.UTF8.GetString([.. _text]).TrimEnd('\r');
            var cut = _cut;
            _text.Clear();
            _cut = false;
            // A cut may have gone through a character.
            return cut ? text.TrimEnd('\uFFFD') + CutMark : text;
        }
    }
}
