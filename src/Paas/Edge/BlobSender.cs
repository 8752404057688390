using Paas.Oci;

namespace Paas.Edge;

/// <summary>Sends a blob's file once control has authorised it: bytes cross the edge without crossing control.</summary>
internal sealed class BlobSender(BlobStore blobs)
{
    /// <summary>Bytes; null when it is not stored.</summary>
    public long? SizeOf(Digest digest) => blobs.SizeOf(digest);

    /// <summary>The whole of a small one.</summary>
    public Task<byte[]> ReadAsync(Digest digest, CancellationToken cancellationToken) => blobs.ReadAsync(digest, cancellationToken);

    /// <summary>Control's headers are copied already; this sets length, range and body.</summary>
    public async Task SendAsync(HttpContext context, Digest digest)
    {
        await BlobDelivery.OffTheSocketsThread();
        if (blobs.PathOf(digest) is not { } path)
        {
            await RefuseAsync(context, digest.ToString());
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var size = RandomAccess.GetLength(file);
        var response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        if (!ByteRange.TryParse(ByteRange.Asked(context.Request.Headers.Range, context.Request.Headers.IfRange, response.Headers.ETag), size, out var range))
        {
            response.Headers.CacheControl = "no-store";
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.ContentLength = 0;
            response.Headers.ContentRange = ByteRange.Unsatisfied(size);
            return;
        }

        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = part.Of(size);
        }

        var sent = range ?? new ByteRange(0, size);
        response.ContentLength = sent.Count;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await BlobDelivery.CopyAsync(file, sent, response.BodyWriter, context.RequestAborted);
        }
    }

    public static Task RefuseAsync(HttpContext context, string digest) =>
        ErrorPage.WriteAsync(context, 404, "Not found", $"The blob {digest} is not stored here.", null, "BLOB_UNKNOWN");
}
