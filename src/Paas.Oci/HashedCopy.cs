namespace Paas.Oci;

/// <summary>Copies a stream and tells the digest of what was copied, so that nothing is read twice.</summary>
public static class HashedCopy
{
    private const int BufferSize = 128 << 10;

    /// <param name="algorithm">"sha256" or "sha512".</param>
    public static Digest Copy(Stream from, Stream to, string algorithm, CancellationToken cancellationToken)
    {
        using var hash = Digest.Hash(algorithm);
        var buffer = new byte[BufferSize];
        for (int count; (count = from.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            to.Write(buffer, 0, count);
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }

    /// <inheritdoc cref="Copy"/>
    public static async Task<Digest> CopyAsync(Stream from, Stream to, string algorithm, CancellationToken cancellationToken)
    {
        using var hash = Digest.Hash(algorithm);
        var buffer = new byte[BufferSize];
        for (int count; (count = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }
}
