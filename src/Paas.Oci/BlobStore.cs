namespace Paas.Oci;

/// <summary>Blobs by digest: one writable root and any number of read-only ones (the shared cache).
/// A blob is written to a temporary name, fsynced and renamed to &lt;root&gt;/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;.</summary>
/// <remarks>The edge reads the same files with its own instance of this class. A blob's modification time is its lease: garbage collection
/// leaves it alone for its grace time after it. Whoever is told "it is there" and will name it later asks <see cref="TryRenew"/>.</remarks>
public sealed class BlobStore(string root, params IReadOnlyList<string> readOnlyRoots)
{
    private readonly ContentGates _gates = new();

    /// <summary>Bytes; what <see cref="ReadAsync"/> takes into memory at most. Manifests end at 4 MB, configs are smaller.</summary>
    private const long MaxDocument = 16 << 20;

    /// <summary>The writable one.</summary>
    public string Root => root;

    /// <summary>The disk of the writable root, as it is now.</summary>
    public DriveInfo Disk
    {
        get
        {
            // DriveInfo wants a folder that exists.
            Directory.CreateDirectory(root);
            return new DriveInfo(root);
        }
    }

    private string Temporary => Path.Combine(root, "tmp");

    /// <summary>Null when no root has it.</summary>
    public string? PathOf(Digest digest)
    {
        var own = PathUnder(root, digest);
        return File.Exists(own) ? own : readOnlyRoots.Select(other => PathUnder(other, digest)).FirstOrDefault(File.Exists);
    }

    public bool Contains(Digest digest) => PathOf(digest) is not null;

    /// <summary>True: it is there, and stays for garbage collection's grace time from now on, whatever names it. False: no root has it.
    /// For uploads that find it there, mounts, manifests that name it, and whoever may push and asks whether it has to.</summary>
    public bool TryRenew(Digest digest)
    {
        lock (_gates.Of(digest))
        {
            return ContentPath.TryRenew(PathUnder(root, digest)) || PathOf(digest) is not null;
        }
    }

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
        if (!TryRenew(digest) || SizeOf(digest) != content.Length)
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
        return new BlobFileWriter(this, _gates.Open(Path.Combine(Temporary, Path.GetRandomFileName())), FileMode.CreateNew, keeps: false);
    }

    /// <summary>Removes the blob from the writable root unless its lease was renewed since, or it is needed.</summary>
    /// <param name="leasedBefore">Only one whose lease began before this goes.</param>
    /// <param name="isFree">Asked while nobody can renew the lease: nothing needs it.</param>
    /// <returns>False: it stays, or is not there.</returns>
    public bool TryDelete(Digest digest, DateTimeOffset leasedBefore, Func<bool> isFree)
    {
        var path = PathUnder(root, digest);
        var condemned = Path.Combine(Temporary, Path.GetRandomFileName());
        lock (_gates.Of(digest))
        {
            if (!File.Exists(path) || ContentPath.LeasedAt(path) >= leasedBefore || !isFree())
            {
                return false;
            }

            // Out of sight at once; to free a large file's blocks takes long, and nobody waits for that.
            Directory.CreateDirectory(Temporary);
            File.Move(path, condemned);
        }

        File.Delete(condemned);
        return true;
    }

    /// <summary>When its lease began. One that lies in a read-only root only has one that never ends; what is nowhere has the oldest of all.</summary>
    public DateTimeOffset LeasedAt(Digest digest) => ContentPath.LeasedAt(PathUnder(root, digest)) is var own && own == DateTimeOffset.MinValue && Contains(digest)
        ? DateTimeOffset.MaxValue
        : own;

    /// <summary>Until it is disposed, on the same thread, whoever renews a lease or stores a blob waits. For a few milliseconds.</summary>
    public IDisposable PauseRenewing() => _gates.CloseAll();

    /// <summary>What lies in the writable root, in no order.</summary>
    public IEnumerable<Digest> All() => ContentPath.All(root, File.Exists);

    /// <summary>The parts of the writable root, in order: what <see cref="In"/> takes.</summary>
    public IEnumerable<string> Shards() => ContentPath.Shards(root);

    /// <summary>The blobs of one part of the writable root.</summary>
    public IEnumerable<StoredContent> In(string shard)
    {
        foreach (var digest in ContentPath.In(root, shard, File.Exists))
        {
            var file = new FileInfo(PathUnder(root, digest));
            if (file.Exists)
            {
                yield return new StoredContent(digest, file.Length, ContentPath.LeasedAt(file.FullName));
            }
        }
    }

    /// <summary>Removes what writers that died left behind, and nothing that somebody writes to now.</summary>
    /// <param name="before">Only what nobody has touched since.</param>
    /// <returns>Files and bytes.</returns>
    public (int Count, long Bytes) SweepTemporary(DateTimeOffset before, bool dryRun)
    {
        var (count, bytes) = (0, 0L);
        foreach (var path in _gates.Abandoned(Temporary, before))
        {
            var file = new FileInfo(path);
            if (file.Exists)
            {
                (count, bytes) = (count + 1, bytes + file.Length);
                if (!dryRun)
                {
                    file.Delete();
                }
            }
        }

        return (count, bytes);
    }

    /// <summary>Removes what writers that died left behind; call it while none writes.</summary>
    public void DeleteTemporary()
    {
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }
    }

    /// <summary>Gives a complete and synced temporary file its name, also over one that is there: that may be damaged.</summary>
    internal void Publish(string temporary, Digest digest, long size)
    {
        if (readOnlyRoots.Select(other => new FileInfo(PathUnder(other, digest))).Any(file => file.Exists && file.Length == size))
        {
            File.Delete(temporary);
            return;
        }

        var path = PathUnder(root, digest);
        lock (_gates.Of(digest))
        {
            ContentPath.CreateParent(path);
            // Its last byte may have been written hours ago.
            ContentPath.TryRenew(temporary);
            File.Move(temporary, path, overwrite: true);
        }

        // Nobody waits at the gate for a slow disk.
        ContentPath.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    internal void Close(string temporary) => _gates.Close(temporary);

    private static string PathUnder(string root, Digest digest) => ContentPath.Of(root, digest);

    private string Existing(Digest digest) => PathOf(digest) ?? throw new FileNotFoundException($"The blob {digest} is not in the content store.");
}

/// <summary>An entry of the content store as a sweep sees it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="LeasedAt">When somebody last wrote it or counted on it.</param>
public readonly record struct StoredContent(Digest Digest, long Size, DateTimeOffset LeasedAt);
