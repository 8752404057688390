using System.IO.Pipelines;
using System.Runtime.CompilerServices;
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

    // A kernel widens the window of a connection that it receives from by how the first bytes come: one that gets a whole window at once
    // stays at 64 KB, and its client takes 4 % longer for 180 MB.
    private const int FirstBytes = 1 << 20;
    private const int FirstBufferSize = 16 << 10;

    /// <summary>To await before work with a file, which blocks: goes on in the thread pool. Who is there already stays on its thread, as another would
    /// only be woken.</summary>
    public static ConfiguredTaskAwaitable OffTheSocketsThread() =>
        Task.CompletedTask.ConfigureAwait(Thread.CurrentThread.IsThreadPoolThread ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.ForceYielding);

    /// <summary>Reads the file straight into the pipe: sendfile-like APIs of Kestrel lose a third at one client.</summary>
    /// <returns>False when the reader went away; a loop that does not look keeps reading whole files for nobody.</returns>
    /// <exception cref="EndOfStreamException">The file is shorter than it was.</exception>
    public static async Task<bool> CopyAsync(SafeFileHandle file, ByteRange range, PipeWriter to, CancellationToken cancellationToken)
    {
        for (var (offset, left) = (range.Offset, range.Count); left > 0;)
        {
            await OffTheSocketsThread();
            var size = (int)Math.Min(offset - range.Offset < FirstBytes ? FirstBufferSize : BufferSize, left);
            var count = RandomAccess.Read(file, to.GetMemory(size).Span[..size], offset);
            if (count == 0)
            {
                throw new EndOfStreamException("A blob became shorter while it was sent.");
            }

            to.Advance(count);
            offset += count;
            left -= count;
            var result = await to.FlushAsync(cancellationToken);
            if (result.IsCompleted || result.IsCanceled)
            {
                return false;
            }
        }

        return true;
    }
}
