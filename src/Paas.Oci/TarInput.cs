using System.Security.Cryptography;

namespace Paas.Oci;

/// <summary>The uncompressed tar, buffered, hashed and counted as it is read.</summary>
/// <param name="algorithm">Of the diff id: "sha256" or "sha512".</param>
/// <param name="limit">Bytes.</param>
internal sealed class TarInput(Stream source, string algorithm, long limit) : IDisposable
{
    private readonly IncrementalHash _hash = Digest.Hash(algorithm);
    private readonly byte[] _buffer = new byte[256 << 10];
    private int _start;
    private int _end;
    private long _total;

    /// <summary>Between 1 and <paramref name="most"/> bytes, valid until the next call; empty at the end.</summary>
    public ReadOnlySpan<byte> Next(long most)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = source.Read(_buffer);
            _total += _end;
            if (_total > limit)
            {
                throw new InvalidDataException($"The layer is refused: unpacked it is larger than {limit >> 30} GB.");
            }

            _hash.AppendData(_buffer, 0, _end);
        }

        var count = (int)Math.Min(most, _end - _start);
        _start += count;
        return _buffer.AsSpan(_start - count, count);
    }

    /// <summary>False at a clean end, before the first byte.</summary>
    /// <exception cref="InvalidDataException">The end comes in the middle.</exception>
    public bool TryFill(Span<byte> block)
    {
        for (var filled = 0; filled < block.Length;)
        {
            var piece = Next(block.Length - filled);
            if (piece.IsEmpty)
            {
                return filled == 0 ? false : throw CutOff();
            }

            piece.CopyTo(block[filled..]);
            filled += piece.Length;
        }

        return true;
    }

    public void Skip(long count)
    {
        while (count > 0)
        {
            var piece = Next(count);
            count -= piece.IsEmpty ? throw CutOff() : piece.Length;
        }
    }

    /// <summary>Reads to the end (padding belongs to the diff id) and tells the digest of everything.</summary>
    public Digest Finish()
    {
        while (!Next(int.MaxValue).IsEmpty)
        {
        }

        return Digest.FromHash(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    internal static InvalidDataException CutOff() => new("The layer is refused: its tar ends in the middle of an entry.");
}
