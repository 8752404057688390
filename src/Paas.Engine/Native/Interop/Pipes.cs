using Microsoft.Win32.SafeHandles;

namespace Paas.Engine.Native.Interop;

/// <summary>A pipe; both ends close on exec. One end goes to a child, the other becomes a <see cref="PipeEnd"/> here.</summary>
internal sealed unsafe class Pipes : IDisposable
{
    private readonly SafeFileHandle _read;
    private readonly SafeFileHandle _write;

    public Pipes()
    {
        var ends = stackalloc int[2];
        Libc.Check(Libc.Pipe(ends, Libc.O_CLOEXEC), "pipe");
        _read = new SafeFileHandle(ends[0], ownsHandle: true);
        _write = new SafeFileHandle(ends[1], ownsHandle: true);
    }

    public int ReadEnd => (int)_read.DangerousGetHandle();

    public int WriteEnd => (int)_write.DangerousGetHandle();

    public void CloseRead() => _read.Dispose();

    public void CloseWrite() => _write.Dispose();

    /// <summary>Takes over the read end.</summary>
    public PipeEnd OpenRead() => new(_read);

    /// <summary>Takes over the write end.</summary>
    public PipeEnd OpenWrite() => new(_write);

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
    }
}
