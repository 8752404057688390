using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Mounting a blob from another repository": a blob stored once is shared by all.</summary>
internal sealed class BlobMounts(BlobStore blobs, RegistryAccess access, TokenChallenge challenge)
{
    /// <summary>The right to read a source is what makes a mount more than a guess of a digest. Null: no such source, as far as the
    /// caller may know, and an ordinary upload begins.</summary>
    /// <param name="from">Null or empty: any repository that has it.</param>
    /// <exception cref="RegistryError">UNAUTHORIZED: the caller may read a source, but their token was asked for other repositories only.</exception>
    public Digest? TryMount(RepositoryRequest request, long repository, Digest digest, string? from)
    {
        var store = request.Store;
        if (!store.HasBlob(repository, digest) && !HasSource(request, digest, from))
        {
            return null;
        }

        // Renewed: it does not go while somebody is about to name it.
        if (!blobs.TryRenew(digest) || blobs.SizeOf(digest) is not { } size)
        {
            return null;
        }

        store.LinkPushed(repository, digest, size, request.Name);
        return digest;
    }

    private bool HasSource(RepositoryRequest request, Digest digest, string? from)
    {
        RepositoryName? outOfScope = null;
        foreach (var text in from is { Length: > 0 } ? [from] : request.Store.NamesOfHolders(digest, request.Key.TeamId))
        {
            if (!RepositoryName.TryParse(text, out var name)
                || access.Source(request.Caller, name) is not { Key: { } key, InScope: var inScope }
                || request.Store.Find(key) is not { } source
                || !request.Store.HasBlob(source, digest))
            {
                continue;
            }

            if (inScope)
            {
                return true;
            }

            outOfScope ??= name;
        }

        return outOfScope is null ? false : throw RegistryError.Unauthorized(challenge.For(request.Context, "insufficient_scope", outOfScope));
    }
}
