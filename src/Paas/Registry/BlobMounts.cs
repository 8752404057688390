using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Mounting a blob from another repository": a blob stored once is shared by all.</summary>
internal sealed class BlobMounts(BlobStore blobs)
{
    /// <summary>The right to read a source is what makes a mount more than a guess of a digest. Null: no such source, as far as the
    /// caller may know, and an ordinary upload begins.</summary>
    /// <param name="from">Null or empty: any repository that has it.</param>
    /// <param name="keyOf">A repository that the caller may read; null: none.</param>
    public Digest? TryMount(RepositoryRequest request, long repository, Digest digest, string? from, Func<RepositoryName, RepositoryKey?> keyOf)
    {
        var store = request.Store;
        var sources = from is { Length: > 0 } ? [from] : store.NamesOfHolders(digest, request.Key.TeamId);
        if (!store.HasBlob(repository, digest) && !sources.Any(IsSource))
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

        bool IsSource(string text) =>
            RepositoryName.TryParse(text, out var name) && keyOf(name) is { } key && store.Find(key) is { } source && store.HasBlob(source, digest);
    }
}
