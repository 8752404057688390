using System.Text;

namespace Paas.Builds;

/// <summary>Takes a process's output and gives it on line by line. A progress bar (carriage returns) counts as its last state;
/// an endless line is cut.</summary>
internal sealed class LineStream(Action<string> line) : Stream
{
    /// <summary>Bytes.</summary>
    private const int Longest = 8192;

    private readonly Lock _gate = new();
    private readonly List<byte> _pending = [];
    private bool _cut;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            while (buffer.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Keep(buffer[..end]);
                Say();
                buffer = buffer[(end + 1)..];
            }

            Keep(buffer);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    /// <summary>A last line without an end.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_pending.Count > 0)
            {
                Say();
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Complete();
        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        var room = Longest - _pending.Count;
        _cut |= part.Length > room;
        _pending.AddRange(part[..Math.Min(part.Length, Math.Max(0, room))]);
    }

    private void Say()
    {
        var text = Encoding.UTF8.GetString([.. _pending]).TrimEnd('\r');
        line(text[(text.LastIndexOf('\r') + 1)..] + (_cut ? " ..." : ""));
        _pending.Clear();
        _cut = false;
    }
}
