using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Paas.Instances;

/// <summary>What a client sends as stdin, for the engine to read.</summary>
internal sealed class SocketInput : IDisposable
{
    private readonly Pipe _pipe = new();
    private int _ended;

    public Stream Reader => _pipe.Reader.AsStream(leaveOpen: true);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _ended) == 0)
        {
            await _pipe.Writer.WriteAsync(bytes, cancellationToken);
        }
    }

    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _pipe.Writer.Complete();
        }
    }

    public void Dispose()
    {
        End();
        _pipe.Reader.Complete();
    }
}

/// <summary>Frames of one output stream: first byte its number.</summary>
internal sealed class SocketOutput(WebSocket socket, byte number, SemaphoreSlim sending) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var frame = new byte[buffer.Length + 1];
        frame[0] = number;
        buffer.CopyTo(frame.AsMemory(1));
        await sending.WaitAsync(cancellationToken);
        try
        {
            if (socket.State == WebSocketState.Open)
            {
                await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cancellationToken);
            }
        }
        finally
        {
            sending.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Written asynchronously only.");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
