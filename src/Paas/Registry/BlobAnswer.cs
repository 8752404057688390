using Paas.Oci;

namespace Paas.Registry;

/// <summary>The head of an answer with a blob, whether its bytes come from the content store or on from another registry.</summary>
internal static class BlobAnswer
{
    public const string ContentType = "application/octet-stream";

    /// <summary>What is said of the blob whatever is sent of it.</summary>
    public static void Describe(HttpResponse response, Digest digest)
    {
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        response.Headers.ETag = $"\"{digest}\"";
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.AcceptRanges = "bytes";
    }

    /// <summary>Status and lengths of a GET, its Range applied; after <see cref="Describe"/>, whose ETag If-Range is compared with.</summary>
    /// <param name="size">Bytes of the blob.</param>
    /// <returns>What is to be sent; null: nothing, the answer is 416.</returns>
    public static ByteRange? Begin(HttpContext context, long size)
    {
        var (headers, response) = (context.Request.Headers, context.Response);
        if (!ByteRange.TryParse(ByteRange.Asked(headers.Range, headers.IfRange, response.Headers.ETag), size, out var range))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = ByteRange.Unsatisfied(size);
            response.Headers.CacheControl = "no-store";
            return null;
        }

        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = part.Of(size);
        }

        var sent = range ?? new ByteRange(0, size);
        response.ContentLength = sent.Count;
        return sent;
    }
}
