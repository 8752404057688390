using System.Globalization;
using Microsoft.Net.Http.Headers;
using Paas.Oci;

namespace Paas.Edge;

/// <summary>Sends a blob's file once control has authorised it: bytes cross the edge without crossing control.</summary>
internal sealed class BlobSender(BlobStore blobs)
{
    private const int ChunkSize = 128 * 1024;

    /// <summary>Control's headers are copied already; this sets length, range and body.</summary>
    public async Task SendAsync(HttpContext context, string digestText)
    {
        // File reads block, and this may be the socket's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (!Digest.TryParse(digestText, out var digest) || blobs.PathOf(digest) is not { } path)
        {
            await ErrorPage.WriteAsync(context, 404, "Not found", $"The blob {digestText} is not stored here.", null);
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var size = RandomAccess.GetLength(file);
        var response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        var (from, length) = (0L, size);
        if (context.Request.GetTypedHeaders().Range is { Unit.Value: "bytes", Ranges: { Count: 1 } ranges })
        {
            if (Resolve(ranges.First(), size) is not { } range)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.ContentLength = 0;
                response.Headers.ContentRange = $"bytes */{size}";
                return;
            }

            (from, length) = range;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{from + length - 1}/{size}");
        }

        response.ContentLength = length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await CopyAsync(file, from, length, response.BodyWriter, context.RequestAborted);
        }
    }

    /// <summary>RFC 9110, 14.1.2: first-last, first-, or the last n bytes. Null: cannot be satisfied.</summary>
    internal static (long From, long Length)? Resolve(RangeItemHeaderValue range, long size) => range switch
    {
        { From: null, To: > 0 and var last } when size > 0 => (Math.Max(0, size - last), Math.Min(size, last)),
        { From: { } from } when from < size => (from, Math.Min(size - 1, range.To ?? long.MaxValue) - from + 1),
        _ => ((long, long)?)null,
    };

    private static async Task CopyAsync(Microsoft.Win32.SafeHandles.SafeFileHandle file, long from, long length, System.IO.Pipelines.PipeWriter writer, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            var memory = writer.GetMemory((int)Math.Min(ChunkSize, length));
            var read = RandomAccess.Read(file, memory.Span[..(int)Math.Min(memory.Length, length)], from);
            if (read == 0)
            {
                throw new EndOfStreamException($"A blob is {length} bytes shorter than it was.");
            }

            writer.Advance(read);
            (from, length) = (from + read, length - read);
            var flushed = writer.FlushAsync(cancellationToken);
            if (!flushed.IsCompletedSuccessfully)
            {
                await flushed.AsTask().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
        }
    }
}
