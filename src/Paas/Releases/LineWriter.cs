using System.Text;

namespace Paas.Releases;

/// <summary>Turns bytes into lines: UTF-8, "\n" or "\r\n"; a line over 16 KB is passed on in pieces, the last one when disposed.</summary>
public sealed class LineWriter(Action<string> line) : Stream
{
    private const int Longest = 16 * 1024;
    private readonly List<byte> _pending = [];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (var value in buffer)
        {
            if (value == (byte)'\n')
            {
                Pass();
                continue;
            }

            _pending.Add(value);
            if (_pending.Count >= Longest)
            {
                Pass();
            }
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

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _pending.Count > 0)
        {
            Pass();
        }

        base.Dispose(disposing);
    }

    private void Pass()
    {
        var text = Encoding.UTF8.GetString([.. _pending]).TrimEnd('\r');
        _pending.Clear();
        line(text);
    }
}
