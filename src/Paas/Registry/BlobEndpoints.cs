using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pulling blobs".</summary>
internal sealed class BlobEndpoints(BlobStore blobs)
{
    public async Task Get(RepositoryRequest request, Digest digest)
    {
        // The link is the right to read; the content store alone would show every team's blobs to whoever knows a digest.
        if (!request.Store.HasBlob(request.Existing(), digest) || blobs.PathOf(digest) is not { } path)
        {
            throw RegistryError.BlobUnknown(digest);
        }

        var (http, response) = (request.Context.Request, request.Context.Response);
        // Whoever asks and does not fetch may be about to name it instead of pushing it.
        if (HttpMethods.IsHead(http.Method) && !blobs.TryRenew(digest))
        {
            throw RegistryError.BlobUnknown(digest);
        }

        response.Headers["Docker-Content-Digest"] = digest.ToString();
        response.Headers.ETag = $"\"{digest}\"";
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";
        if (HttpMethods.IsGet(http.Method) && http.Headers[BlobDelivery.CanSendHeader] == "1")
        {
            response.Headers[BlobDelivery.BlobHeader] = digest.ToString();
            response.ContentLength = 0;
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var size = RandomAccess.GetLength(file);
        if (!ByteRange.TryParse(http.Headers.Range, size, out var range))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
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
        if (HttpMethods.IsGet(http.Method))
        {
            await BlobDelivery.CopyAsync(file, sent, response.BodyWriter, request.Aborted);
        }
    }
}
