namespace Paas.Oci;

/// <summary>Blobs by digest: one writable root and any number of read-only ones (the shared cache).
/// A blob is written to a temporary name, fsynced and renamed to &lt;root&gt;/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;.</summary>
/// <remarks>The edge reads the same files with its own instance of this class.</remarks>
public sealed class BlobStore(string root, params IReadOnlyList<string> readOnlyRoots)
{
    /// <summary>Bytes; what <see cref="ReadAsync"/> takes into memory at most. Manifests end at 4 MB, configs are smaller.</summary>
    private const long MaxDocument = 16 << 20;

    /// <summary>The writable one.</summary>
    public string Root => root;

    private string Temporary => Path.Combine(root, "tmp");

    /// <summary>Null when no root has it.</summary>
    public string? PathOf(Digest digest)
    {
        var own = PathUnder(root, digest);
        return File.Exists(own) ? own : readOnlyRoots.Select(other => PathUnder(other, digest)).FirstOrDefault(File.Exists);
    }

    public bool Contains(Digest digest) => PathOf(digest) is not null;

    /// <summary>Bytes; null when no root has it.</summary>
    public long? SizeOf(Digest digest) => PathOf(digest) is { } path ? new FileInfo(path).Length : null;

    /// <exception cref="FileNotFoundException">No root has it.</exception>
    public FileStream OpenRead(Digest digest) => new(Existing(digest), new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });

    /// <summary>The whole blob; for manifests and configs.</summary>
    /// <exception cref="FileNotFoundException">No root has it.</exception>
    /// <exception cref="InvalidDataException">It is larger than 16 MB.</exception>
    public async Task<byte[]> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        var path = Existing(digest);
        return new FileInfo(path).Length <= MaxDocument
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw new InvalidDataException($"The blob {digest} is larger than {MaxDocument >> 20} MB: it cannot be a manifest or a config.");
    }

    /// <summary>Stores bytes under their sha256 digest; "already there" is success.</summary>
    public async Task<Descriptor> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken)
    {
        var digest = Digest.Of(content.Span);
        if (SizeOf(digest) != content.Length)
        {
            await using var writer = CreateWriter();
            await writer.WriteAsync(content, cancellationToken);
            await writer.CommitAsync(digest, cancellationToken);
        }

        return new Descriptor { MediaType = mediaType, Digest = digest, Size = content.Length };
    }

    /// <summary>A stream that hashes what is written to it; nothing is visible before its commit.</summary>
    public BlobWriter CreateWriter()
    {
        Directory.CreateDirectory(Temporary);
        return new BlobFileWriter(this, Path.Combine(Temporary, Path.GetRandomFileName()));
    }

    /// <summary>Removes the blob from the writable root; false when it was not there. Whether anything still needs it is the caller's to know.</summary>
    public bool Delete(Digest digest)
    {
        var path = PathUnder(root, digest);
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    /// <summary>What lies in the writable root, in no order.</summary>
    public IEnumerable<Digest> All() => ContentPath.All(root, File.Exists);

    /// <summary>Removes what writers that died left behind; call it while none writes.</summary>
    public void DeleteTemporary()
    {
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }
    }

    /// <summary>Gives a complete and synced temporary file its name.</summary>
    internal void Publish(string temporary, Digest digest, long size)
    {
        if (SizeOf(digest) == size)
        {
            File.Delete(temporary);
            return;
        }

        // Over a file of another size: that one was damaged.
        var path = PathUnder(root, digest);
        ContentPath.CreateParent(path);
        File.Move(temporary, path, overwrite: true);
        ContentPath.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static string PathUnder(string root, Digest digest) => ContentPath.Of(root, digest);

    private string Existing(Digest digest) => PathOf(digest) ?? throw new FileNotFoundException($"The blob {digest} is not in the content store.");
}
