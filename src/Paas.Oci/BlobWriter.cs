namespace Paas.Oci;

/// <summary>One blob being written. Disposing without a commit throws the bytes away.</summary>
public abstract class BlobWriter : Stream
{
    /// <summary>Bytes written so far.</summary>
    public abstract long Written { get; }

    /// <summary>fsync, rename to its digest, fsync the directory.</summary>
    /// <param name="expected">Null: any.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is stored then.</param>
    /// <exception cref="DigestMismatchException">The bytes have another digest; the writer can still be disposed only.</exception>
    public abstract Task<(Digest Digest, long Size)> CommitAsync(Digest? expected, CancellationToken cancellationToken);
}

/// <summary>The bytes do not have the digest that was promised.</summary>
public sealed class DigestMismatchException(Digest expected, Digest actual)
    : Exception($"The content has digest {actual}, but {expected} was expected.");
