namespace Paas.Oci;

/// <summary>The digest of the tar in a layer, without unpacking it.</summary>
internal static class LayerDigest
{
    /// <param name="layer">Tar, gzip or zstd, told by its first bytes.</param>
    /// <param name="algorithm">"sha256" or "sha512".</param>
    /// <param name="limit">Bytes of the tar: a small layer can hold a very large one.</param>
    /// <exception cref="InvalidDataException">It is larger, or does not decompress.</exception>
    public static Digest Of(Stream layer, string algorithm, long limit, CancellationToken cancellationToken)
    {
        using var decompressed = LayerCompression.Open(layer);
        using var hash = Digest.Hash(algorithm);
        var buffer = new byte[256 << 10];
        var total = 0L;
        for (int count; (count = decompressed.Stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, count));
            total += count;
            if (total > limit)
            {
                throw new InvalidDataException($"The layer is refused: unpacked it is larger than {limit >> 30} GB.");
            }
        }

        decompressed.Finish();
        return Digest.FromHash(hash.GetHashAndReset());
    }
}
