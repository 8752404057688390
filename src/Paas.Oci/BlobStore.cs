namespace Paas.Oci;

/// <summary>Blobs by digest: one writable root and any number of read-only ones (the shared cache).
/// A blob is written to a temporary name, fsynced and renamed to blobs/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;.</summary>
public sealed class BlobStore(string root, params IReadOnlyList<string> readOnlyRoots)
{
    /// <summary>Null when no root has it.</summary>
    public string? PathOf(Digest digest) => throw new NotSupportedException($"{root} {readOnlyRoots} {digest}");

    public bool Contains(Digest digest) => PathOf(digest) is not null;

    /// <exception cref="FileNotFoundException">No root has it.</exception>
    public FileStream OpenRead(Digest digest) => throw new NotSupportedException(digest.ToString());

    /// <summary>The whole blob; for manifests and configs.</summary>
    public Task<byte[]> ReadAsync(Digest digest, CancellationToken cancellationToken) => throw new NotSupportedException(digest.ToString());

    /// <summary>Stores bytes under their sha256 digest; "already there" is success.</summary>
    public Task<Descriptor> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken) => throw new NotSupportedException(mediaType);

    /// <summary>A stream that hashes what is written to it; nothing is visible before its commit.</summary>
    public BlobWriter CreateWriter() => throw new NotSupportedException();
}

/// <summary>One blob being written. Disposing without a commit throws the bytes away.</summary>
public abstract class BlobWriter : Stream
{
    /// <summary>fsync, rename to its digest, fsync the directory.</summary>
    /// <param name="expected">Null: any.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is stored then.</param>
    /// <exception cref="DigestMismatchException">The bytes have another digest.</exception>
    public abstract Task<(Digest Digest, long Size)> CommitAsync(Digest? expected, CancellationToken cancellationToken);
}

/// <summary>The bytes do not have the digest that was promised.</summary>
public sealed class DigestMismatchException(Digest expected, Digest actual)
    : Exception($"The content has digest {actual}, but {expected} was expected.");
