namespace Paas.Oci;

/// <summary>One blob being written. Disposing without a commit throws the bytes away, or leaves them when it is a <see cref="PartialBlobs">partial</see> one.</summary>
public abstract class BlobWriter : Stream
{
    /// <summary>Bytes written so far.</summary>
    public abstract long Written { get; }

    /// <summary>Bytes that <see cref="ReadWritten"/> can read by now.</summary>
    public abstract long Readable { get; }

    /// <summary>Reads what was written already, from another thread than the one that writes.</summary>
    /// <exception cref="ObjectDisposedException">It was committed or given up.</exception>
    public abstract int ReadWritten(Span<byte> buffer, long offset);

    /// <summary>"sha256", the default, or "sha512": what to hash with while the bytes come. Said late, they are read once more at the commit.</summary>
    public abstract void HashWith(string algorithm);

    /// <summary>Throws away what follows the first bytes of that number.</summary>
    public abstract void Truncate(long length);

    /// <summary>fsync, rename to its digest, fsync the directory.</summary>
    /// <param name="expected">Null: any.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is stored then.</param>
    /// <exception cref="DigestMismatchException">The bytes have another digest; the writer can still be disposed only.</exception>
    public abstract Task<(Digest Digest, long Size)> CommitAsync(Digest? expected, CancellationToken cancellationToken);
}

/// <summary>The bytes do not have the digest that was promised.</summary>
public sealed class DigestMismatchException(Digest expected, Digest actual)
    : Exception($"The content has digest {actual}, but {expected} was expected.");
