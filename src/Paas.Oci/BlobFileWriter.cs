using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Paas.Oci;

/// <summary>Gathers what is written before it hashes and writes it: a network hands out pieces of 4 KB, and hashing each one costs a third of the speed.</summary>
internal sealed class BlobFileWriter : BlobWriter
{
    private const int BufferSize = 512 << 10;

    private readonly BlobStore _store;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    // Made at the first write that does not fill it: small blobs never need the whole.
    private byte[] _buffer = [];
    private int _buffered;
    private long _flushed;
    private bool _closed;

    public BlobFileWriter(BlobStore store, string path)
    {
        _store = store;
        _path = path;
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public override long Written => _flushed + _buffered;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_closed;

    public override long Length => Written;

    public override long Position { get => Written; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            if (_buffered == 0 && buffer.Length >= BufferSize)
            {
                Store(buffer[..BufferSize]);
                buffer = buffer[BufferSize..];
                continue;
            }

            if (_buffer.Length < BufferSize && _buffered + buffer.Length > _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(BufferSize, Math.Max(4 * _buffer.Length, Math.Max(buffer.Length, 4096))));
            }

            var count = Math.Min(buffer.Length, _buffer.Length - _buffered);
            buffer[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            buffer = buffer[count..];
            if (_buffered == BufferSize)
            {
                FlushBuffer();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Into the page cache: quick enough to be done on the spot.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => FlushBuffer();

    public override async Task<(Digest Digest, long Size)> CommitAsync(Digest? expected, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        FlushBuffer();
        _buffer = [];
        var actual = expected is { Algorithm: "sha512" } ? await Sha512Async(cancellationToken) : Digest.FromHash(_sha256.GetCurrentHash());
        if (expected is { } promised && promised != actual)
        {
            throw new DigestMismatchException(promised, actual);
        }

        cancellationToken.ThrowIfCancellationRequested();
        RandomAccess.FlushToDisk(_file);
        _closed = true;
        _file.Dispose();
        _store.Publish(_path, actual, _flushed);
        _store.Close(_path);
        return (actual, _flushed);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sha256.Dispose();
            if (!_closed)
            {
                _closed = true;
                _file.Dispose();
                File.Delete(_path);
            }

            _store.Close(_path);
        }

        base.Dispose(disposing);
    }

    private void FlushBuffer()
    {
        Store(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private void Store(ReadOnlySpan<byte> content)
    {
        _sha256.AppendData(content);
        RandomAccess.Write(_file, content, _flushed);
        _flushed += content.Length;
    }

    /// <summary>Known only at the end of an upload, and rare: read it once more (1.1 GB/s).</summary>
    private async Task<Digest> Sha512Async(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        var buffer = new byte[BufferSize];
        for (var offset = 0L; offset < _flushed;)
        {
            var count = await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);
            hash.AppendData(buffer.AsSpan(0, count));
            offset += count;
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }
}
