using System.IO.Compression;

namespace Paas.Git;

/// <summary>Carries a request's body to git's stdin, unzipped, and counts it.</summary>
internal sealed class RequestFeed(HttpRequest request, TimeSpan idleTimeout)
{
    private long _bytes;

    /// <summary>Bytes that the client has sent so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ends with the body, or when the client goes away or falls silent; git then sees the end of its input. Does not throw.</summary>
    /// <remarks>After git has ended the rest is read and thrown away: a client that still sends would not see the answer.</remarks>
    public async Task CopyAsync(Stream input, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        var buffer = new byte[65536];
        var open = true;
        try
        {
            while (true)
            {
                idle.CancelAfter(idleTimeout);
                var count = await body.ReadAsync(buffer, idle.Token);
                if (count == 0)
                {
                    return;
                }

                Interlocked.Add(ref _bytes, count);
                // Not idle: git may take its time over a large pack.
                idle.CancelAfter(Timeout.InfiniteTimeSpan);
                open = open && await TryWriteAsync(input, buffer.AsMemory(0, count), cancellationToken);
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or InvalidDataException)
        {
            // The client's fault or wish; git says what was missing if anybody is still there to read it.
        }
        finally
        {
            TryClose(input);
        }
    }

    private static async Task<bool> TryWriteAsync(Stream input, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void TryClose(Stream input)
    {
        try
        {
            input.Close();
        }
        catch (IOException)
        {
            // Flushing into a process that has ended.
        }
    }
}
