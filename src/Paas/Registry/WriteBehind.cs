using System.Buffers;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Gathers what arrives, and has it hashed and written on another thread while more arrives: on one thread the network would wait
/// for the hash, and the client for both.</summary>
/// <param name="expected">Bytes that will come; null: nobody knows.</param>
internal sealed class WriteBehind(BlobWriter writer, long? expected) : IAsyncDisposable
{
    /// <summary>Bytes; there are two of them.</summary>
    private const int BufferSize = 256 << 10;

    private byte[] _filling = [];
    private int _count;
    private byte[] _leaving = [];
    private Task _writing = Task.CompletedTask;

    /// <exception cref="IOException">Of an earlier write.</exception>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> content)
    {
        while (!content.IsEmpty)
        {
            if (_filling.Length == 0)
            {
                _filling = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, expected ?? BufferSize));
            }

            var part = content.Slice(0, Math.Min(content.Length, _filling.Length - _count));
            part.CopyTo(_filling.AsSpan(_count));
            _count += (int)part.Length;
            content = content.Slice(part.End);
            if (_count == _filling.Length)
            {
                await _writing;
                var (full, count) = (_filling, _count);
                (_filling, _leaving, _count) = (_leaving, full, 0);
                _writing = Task.Run(() => writer.Write(full.AsSpan(0, count)));
            }
        }
    }

    /// <summary>Everything is in the file now.</summary>
    public async Task FlushAsync()
    {
        await _writing;
        writer.Write(_filling.AsSpan(0, _count));
        _count = 0;
        await writer.FlushAsync(CancellationToken.None);
    }

    /// <summary>Ends the thread's use of the writer, whatever came of it; what has arrived is with the writer, so that an upload can be gone on with.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_writing.IsCompletedSuccessfully && _count > 0)
        {
            writer.Write(_filling.AsSpan(0, _count));
        }

        foreach (var buffer in (byte[][])[_filling, _leaving])
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
