using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Paas.Engine.Native.Interop;

/// <summary>Our end of a pipe as a stream that blocks no thread (FileStream would take one from the pool for each read).</summary>
internal sealed class PipeEnd : Stream
{
    private const int EAGAIN = 11;
    private const int SetFlags = 4;

    private readonly SafeFileHandle _handle;

    public PipeEnd(SafeFileHandle handle)
    {
        _handle = handle;
        // The flag belongs to this end alone: the child's is another open file.
        Libc.Check(Libc.Control(Descriptor, SetFlags, Libc.O_NONBLOCK), "fcntl O_NONBLOCK");
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("A pipe has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A pipe has no position.");
        set => throw new NotSupportedException("A pipe has no position.");
    }

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryRead(buffer.Span) is { } count)
            {
                return count;
            }

            await Epoll.WaitAsync(Descriptor, Epoll.Readable, cancellationToken);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (TryWrite(buffer.Span) is { } count)
            {
                buffer = buffer[count..];
                continue;
            }

            await Epoll.WaitAsync(Descriptor, Epoll.Writable, cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A pipe cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A pipe has no length.");

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Null: nothing there yet.</summary>
    private unsafe int? TryRead(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Counted(Libc.Read(Descriptor, start, buffer.Length));
        }
    }

    /// <summary>Null: no room yet.</summary>
    private unsafe int? TryWrite(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Counted(Libc.Write(Descriptor, start, buffer.Length));
        }
    }

    private static int? Counted(nint result) =>
        result >= 0 ? (int)result
        : Libc.LastError is EAGAIN or Libc.EINTR ? null
        : throw new IOException($"The pipe is broken: {Marshal.GetPInvokeErrorMessage(Libc.LastError)}.");
}
