using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pulling blobs" and "Deleting Blobs".</summary>
internal sealed class BlobEndpoints(BlobStore blobs)
{
    public async Task Get(RepositoryRequest request, Digest digest)
    {
        // Whoever asks and does not fetch may be about to name it instead of pushing it. Renewed before the link is looked for: garbage
        // collection takes no link of a blob with a young lease.
        if (HttpMethods.IsHead(request.Context.Request.Method))
        {
            blobs.TryRenew(digest);
        }

        // The link is the right to read; the content store alone would show every team's blobs to whoever knows a digest.
        if (!request.Store.HasBlob(request.Existing(), digest) || blobs.PathOf(digest) is not { } path)
        {
            throw RegistryError.BlobUnknown(digest);
        }

        var (http, response) = (request.Context.Request, request.Context.Response);
        BlobAnswer.Describe(response, digest);
        if (Preconditions.Of(http).IsNotModified(digest.ToString()))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = BlobAnswer.ContentType;
        if (HttpMethods.IsGet(http.Method) && http.Headers[BlobDelivery.CanSendHeader] == "1")
        {
            response.Headers[BlobDelivery.BlobHeader] = digest.ToString();
            response.ContentLength = 0;
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var size = RandomAccess.GetLength(file);
        if (!HttpMethods.IsGet(http.Method))
        {
            // RFC 9110, 14.2: a range is asked for with GET only.
            response.ContentLength = size;
            return;
        }

        if (BlobAnswer.Begin(request.Context, size) is { } sent)
        {
            await BlobDelivery.CopyAsync(file, sent, response.BodyWriter, request.Aborted);
        }
    }

    /// <summary>The repository has it no longer, also when a manifest there names it: whoever may delete may do that. Others keep it, and
    /// so does the disk while any manifest names it.</summary>
    public static Task Delete(RepositoryRequest request, Digest digest)
    {
        if (!request.Store.UnlinkBlob(request.Existing(), digest))
        {
            throw RegistryError.BlobUnknown(digest);
        }

        request.Context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }
}
