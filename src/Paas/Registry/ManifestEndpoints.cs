using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pulling manifests", "Pushing Manifests" and "Content Management".</summary>
internal sealed class ManifestEndpoints(BlobStore blobs)
{
    /// <summary>Bytes; the spec asks for at least this.</summary>
    private const int MaxManifest = 4 << 20;

    /// <summary>The stored type whatever Accept says: a manifest is never converted.</summary>
    public static async Task Get(RepositoryRequest request, Reference reference)
    {
        var manifest = request.Store.Manifest(request.Existing(), reference) ?? throw RegistryError.ManifestUnknown(reference);
        var response = request.Context.Response;
        response.ContentType = manifest.MediaType;
        response.ContentLength = manifest.Content.Length;
        response.Headers["Docker-Content-Digest"] = manifest.Digest;
        response.Headers.ETag = $"\"{manifest.Digest}\"";
        if (HttpMethods.IsGet(request.Context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(manifest.Content, request.Aborted);
        }
    }

    public async Task Put(RepositoryRequest request, Reference reference)
    {
        var content = await ReadBody(request);
        var digest = reference.Digest is { Algorithm: "sha512" } ? Digest.FromHash(SHA512.HashData(content)) : Digest.Of(content);
        if (reference.Digest is { } promised && promised != digest)
        {
            throw RegistryError.DigestMismatch($"The manifest has digest {digest}, but {promised} was promised.");
        }

        var document = ManifestDocument.Parse(content, request.Context.Request.ContentType?.Split(';')[0].Trim() ?? "");
        var repository = request.Opened();
        foreach (var blob in document.Blobs)
        {
            // Renewed: none of them goes before the manifest that names it is there.
            if (!request.Store.HasBlob(repository, blob) || !blobs.TryRenew(blob))
            {
                throw RegistryError.ManifestBlobUnknown(blob);
            }
        }

        // Also as a blob: that is how a pushed image is run.
        await using (var writer = blobs.CreateWriter())
        {
            await writer.WriteAsync(content, request.Aborted);
            await writer.CommitAsync(digest, request.Aborted);
        }

        request.Store.Put(repository, digest, content, document, reference.Tag);
        var response = request.Context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = request.Location($"manifests/{digest}");
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        if (document.Subject is { } subject)
        {
            response.Headers["OCI-Subject"] = subject.ToString();
        }
    }

    public static Task Delete(RepositoryRequest request, Reference reference)
    {
        if (!request.Store.Delete(request.Existing(), reference))
        {
            throw RegistryError.ManifestUnknown(reference);
        }

        request.Context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static async Task<byte[]> ReadBody(RepositoryRequest request)
    {
        var body = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (var count = -1; count != 0;)
        {
            count = await request.Context.Request.Body.ReadAsync(buffer, request.Aborted);
            await body.WriteAsync(buffer.AsMemory(0, count), request.Aborted);
            if (body.Length > MaxManifest)
            {
                throw RegistryError.ManifestTooLarge(MaxManifest);
            }
        }

        return body.ToArray();
    }
}
