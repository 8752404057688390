using System.Security.Cryptography;

namespace Paas.Oci;

/// <summary>Where a layer's tar is written to: gathered, hashed, handed on to its compression.</summary>
/// <param name="next">Null: the tar itself is thrown away.</param>
/// <param name="limit">Bytes.</param>
internal sealed class TarOutput(Stream? next, long limit) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[256 << 10];
    private int _buffered;
    private long _total;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _total;

    public override long Position { get => _total; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _total += buffer.Length;
        if (_total > limit)
        {
            throw new InvalidDataException($"The layer is refused: it is larger than {limit >> 30} GB.");
        }

        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, _buffer.Length - _buffered);
            buffer[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            buffer = buffer[count..];
            if (_buffered == _buffer.Length)
            {
                Flush();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        _hash.AppendData(_buffer, 0, _buffered);
        next?.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }

    public DiffId Finish()
    {
        Flush();
        return new DiffId(Digest.FromHash(_hash.GetHashAndReset()));
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
