using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pulling manifests", "Pushing Manifests" and "Content Management".</summary>
internal sealed class ManifestEndpoints(BlobStore blobs, RequestBody body, StorageLimits limits, IEnumerable<ImagePushed> pushed)
{
    /// <summary>Tags that one request can set; the specification asks for at least 10.</summary>
    private const int MaxTags = 100;

    /// <summary>The stored type whatever Accept says: a manifest is never converted.</summary>
    public static async Task Get(RepositoryRequest request, Reference reference)
    {
        var repository = request.Existing();
        var manifest = request.Store.Manifest(repository, reference) ?? throw RegistryError.ManifestUnknown(reference);
        // Whoever asks for a digest and does not fetch it may be about to name it in an index instead of pushing it.
        if (HttpMethods.IsHead(request.Context.Request.Method) && reference.Digest is not null && !request.Store.TryRenew(repository, manifest))
        {
            throw RegistryError.ManifestUnknown(reference);
        }

        var response = request.Context.Response;
        response.Headers["Docker-Content-Digest"] = manifest.Digest;
        response.Headers.ETag = $"\"{manifest.Digest}\"";
        response.Headers.CacheControl = reference.Digest is null ? "private, no-cache" : "private, max-age=31536000, immutable";
        if (Preconditions.Of(request.Context.Request).IsNotModified(manifest.Digest))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = manifest.MediaType;
        response.ContentLength = manifest.Content.Length;
        if (HttpMethods.IsGet(request.Context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(manifest.Content, request.Aborted);
        }
    }

    public async Task Put(RepositoryRequest request, Reference reference)
    {
        var tags = TagsOf(request, reference);
        ReleaseTags.Refuse(request.Key, tags);
        limits.CheckDisk();
        var content = await body.ReadManifestAsync(request);
        var digest = reference.Digest is { Algorithm: "sha512" } ? Digest.FromHash(SHA512.HashData(content)) : Digest.Of(content);
        if (reference.Digest is { } promised && promised != digest)
        {
            throw RegistryError.DigestMismatch($"The manifest has digest {digest}, but {promised} was promised.");
        }

        var document = ManifestDocument.Parse(content, request.Context.Request.ContentType?.Split(';')[0].Trim() ?? "");
        var repository = request.Opened();
        if (request.Store.Missing(repository, document.Blobs) is { } missing)
        {
            throw RegistryError.ManifestBlobUnknown(missing);
        }

        // Also as a blob: that is how a pushed image is run.
        await using (var writer = blobs.CreateWriter())
        {
            await writer.WriteAsync(content, request.Aborted);
            await writer.CommitAsync(digest, request.Aborted);
        }

        request.Store.Put(repository, digest, content, document, tags, reference, Preconditions.Of(request.Context.Request));
        Tell(request, tags, digest);
        Answer(request, digest, document, reference.Tag is null ? tags : []);
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

    private void Tell(RepositoryRequest request, Tag[] tags, Digest digest)
    {
        foreach (var tag in tags)
        {
            foreach (var follower in pushed)
            {
                follower(new PushedImage(request.Key.TeamId, request.Key.AppId, request.Key.Path, tag, digest, request.Caller.Name));
            }
        }
    }

    /// <summary>The one of the path, or with a digest those of the tag parameters (spec.md after 1.1.1, end-7b).</summary>
    private static Tag[] TagsOf(RepositoryRequest request, Reference reference)
    {
        if (reference.Tag is { } tag)
        {
            return [tag];
        }

        var asked = request.Context.Request.Query["tag"];
        return asked.Count > MaxTags
            ? throw RegistryError.TooManyTags(MaxTags)
            : [.. asked.Select(text => Tag.TryParse(text, out var parsed) ? parsed : throw RegistryError.TagInvalid(text ?? "")).Distinct()];
    }

    private static void Answer(RepositoryRequest request, Digest digest, ManifestDocument document, Tag[] tags)
    {
        var response = request.Context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = request.Location($"manifests/{digest}");
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        if (document.Subject is { } subject)
        {
            response.Headers["OCI-Subject"] = subject.ToString();
        }

        if (tags.Length > 0)
        {
            response.Headers["OCI-Tag"] = tags.Select(tag => tag.ToString()).ToArray();
        }
    }
}
