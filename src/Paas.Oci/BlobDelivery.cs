using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace Paas.Oci;

/// <summary>Sends a blob's file to a client. Control and edge share it: whoever holds the client's connection sends
/// (architecture, "Edge -> control").</summary>
public static class BlobDelivery
{
    /// <summary>Request header with the value "1", set by the edge only: it can send a blob itself.</summary>
    public const string CanSendHeader = "Paas-Edge-Can-Send";

    /// <summary>Response header of control on an empty 200: the edge is to send the blob of this digest, the request's Range applied.
    /// The edge believes it from control only and never lets it out.</summary>
    public const string BlobHeader = "Paas-Blob";

    /// <summary>Response header of control on a 200: "epoch milliseconds". The edge may repeat the answer to the same credentials for so
    /// long, and while the epoch is that one. Believed and stripped as <see cref="BlobHeader"/> is.</summary>
    public const string GrantHeader = "Paas-Grant";

    // 1 MB gains nothing over this and costs memory: 308 MB at 64 clients.
    private const int BufferSize = 256 << 10;

    /// <summary>Reads the file straight into the pipe: sendfile-like APIs of Kestrel lose a third at one client.</summary>
    /// <returns>False when the reader went away; a loop that does not look keeps reading whole files for nobody.</returns>
    /// <exception cref="EndOfStreamException">The file is shorter than it was.</exception>
    public static async Task<bool> CopyAsync(SafeFileHandle file, ByteRange range, PipeWriter to, CancellationToken cancellationToken)
    {
        // File reads block: never on a thread that serves sockets.
        await Task.Yield();
        for (var (offset, left) = (range.Offset, range.Count); left > 0;)
        {
            var memory = to.GetMemory((int)Math.Min(BufferSize, left));
            var count = RandomAccess.Read(file, memory.Span[..(int)Math.Min(Math.Min(memory.Length, BufferSize), left)], offset);
            if (count == 0)
            {
                throw new EndOfStreamException("A blob became shorter while it was sent.");
            }

            to.Advance(count);
            offset += count;
            left -= count;
            var flush = to.FlushAsync(cancellationToken);
            var isInline = flush.IsCompleted;
            var result = await flush;
            if (result.IsCompleted || result.IsCanceled)
            {
                return false;
            }

            if (!isInline)
            {
                await Task.Yield();
            }
        }

        return true;
    }
}
