namespace Paas.Oci;

/// <summary>Unpacked layers by diff id, immutable, with the image's own ids: what overlayfs mounts as lower directories.
/// &lt;root&gt;/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;/ under one writable and any number of read-only roots.</summary>
/// <remarks>The writable root is closed to other users: setuid files of images lie in it. A snapshot's lease is the modification time of its
/// own directory, which nobody sees: the root that is merged from it has that of the upper.</remarks>
public sealed class Snapshots(string root, params IReadOnlyList<string> readOnlyRoots)
{
    private readonly ContentGates _gates = new();

    private string Temporary => Path.Combine(root, "tmp");

    internal LayerLimits Limits { get; init; } = LayerLimits.Default;

    /// <summary>Null when no root has it.</summary>
    public string? PathOf(DiffId diffId)
    {
        var own = ContentPath.Of(root, diffId.Digest);
        return Directory.Exists(own) ? own : readOnlyRoots.Select(other => ContentPath.Of(other, diffId.Digest)).FirstOrDefault(Directory.Exists);
    }

    public bool Contains(DiffId diffId) => PathOf(diffId) is not null;

    /// <summary>True: it is there, and stays for garbage collection's grace time from now on. False: no root has it.</summary>
    public bool TryRenew(DiffId diffId)
    {
        lock (_gates.Of(diffId.Digest))
        {
            return ContentPath.TryRenew(ContentPath.Of(root, diffId.Digest)) || Contains(diffId);
        }
    }

    /// <summary>Unpacks a layer (tar, gzip or zstd told by its first bytes) unless it is there. Whiteouts become overlayfs's own.
    /// Trust rule 9 holds: never outside, hard links within, device nodes dropped, bombs refused.</summary>
    /// <returns>What was left out, one sentence each, for a log; empty when the snapshot was there.</returns>
    /// <exception cref="DigestMismatchException">The tar has another diff id.</exception>
    /// <exception cref="InvalidDataException">The layer breaks a rule; the message names entry and rule.</exception>
    public async Task<IReadOnlyList<string>> UnpackAsync(Stream layer, DiffId expected, CancellationToken cancellationToken)
    {
        if (TryRenew(expected))
        {
            return [];
        }

        return await Task.Run(() => UnpackNew(layer, expected, cancellationToken), cancellationToken);
    }

    /// <summary>Proves that a layer's bytes are this diff id's: unpacks it when the snapshot is missing, else reads through the tar and hashes it.
    /// Snapshots are shared by everybody who names their diff id, so whoever brings a layer must have had its content (not only the name of it).</summary>
    /// <returns>As <see cref="UnpackAsync"/>.</returns>
    /// <exception cref="DigestMismatchException">The tar has another diff id.</exception>
    /// <exception cref="InvalidDataException">The layer breaks a rule.</exception>
    public async Task<IReadOnlyList<string>> ProveAsync(Stream layer, DiffId claimed, CancellationToken cancellationToken)
    {
        if (!TryRenew(claimed))
        {
            return await Task.Run(() => UnpackNew(layer, claimed, cancellationToken), cancellationToken);
        }

        var actual = await Task.Run(() => LayerDigest.Of(layer, claimed.Digest.Algorithm, Limits.Bytes, cancellationToken), cancellationToken);
        return actual == claimed.Digest ? [] : throw new DigestMismatchException(claimed.Digest, actual);
    }

    /// <summary>Removes the snapshot from the writable root unless its lease was renewed since, or it is needed.</summary>
    /// <param name="leasedBefore">Only one whose lease began before this goes.</param>
    /// <param name="isFree">Asked while nobody can renew the lease: nothing mounts it or will.</param>
    /// <returns>False: it stays, or is not there.</returns>
    public bool TryDelete(DiffId diffId, DateTimeOffset leasedBefore, Func<bool> isFree)
    {
        var path = ContentPath.Of(root, diffId.Digest);
        CreateRoot();
        var condemned = _gates.Open(Path.Combine(Temporary, Path.GetRandomFileName()));
        try
        {
            lock (_gates.Of(diffId.Digest))
            {
                if (!Directory.Exists(path) || ContentPath.LeasedAt(path) >= leasedBefore || !isFree())
                {
                    return false;
                }

                // Out of sight at once: half a snapshot must never be mounted.
                Directory.Move(path, condemned);
            }

            TreeRemoval.Remove(condemned);
            return true;
        }
        finally
        {
            _gates.Close(condemned);
        }
    }

    /// <summary>What lies in the writable root, in no order.</summary>
    public IEnumerable<DiffId> All() => ContentPath.All(root, Directory.Exists).Select(digest => new DiffId(digest));

    /// <summary>When its lease began; the oldest time of all when it is not in the writable root.</summary>
    public DateTimeOffset LeasedAt(DiffId diffId) => ContentPath.LeasedAt(ContentPath.Of(root, diffId.Digest));

    /// <summary>Where it lies in the writable root; null: not there.</summary>
    public string? OwnPathOf(DiffId diffId) => ContentPath.Of(root, diffId.Digest) is var path && Directory.Exists(path) ? path : null;

    /// <summary>Removes what died half-way; call it while nothing unpacks.</summary>
    public void DeleteTemporary() => TreeRemoval.Remove(Temporary);

    /// <summary>Removes what died half-way, and nothing that somebody writes to now.</summary>
    /// <param name="before">Only what nobody has touched since.</param>
    /// <returns>How many.</returns>
    public int SweepTemporary(DateTimeOffset before, bool dryRun)
    {
        var abandoned = _gates.Abandoned(Temporary, before);
        foreach (var path in dryRun ? [] : abandoned)
        {
            TreeRemoval.Remove(path);
        }

        return abandoned.Count;
    }

    /// <summary>A new empty directory to build a snapshot in.</summary>
    internal string CreateTemporary()
    {
        CreateRoot();
        var path = _gates.Open(Path.Combine(Temporary, Path.GetRandomFileName()));
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Gives a tree up that was made in <see cref="CreateTemporary"/>.</summary>
    internal void Discard(string temporary)
    {
        TreeRemoval.Remove(temporary);
        _gates.Close(temporary);
    }

    /// <summary>Gives a complete and synced tree its name; one that is there already stays.</summary>
    internal void Publish(string temporary, DiffId diffId)
    {
        var path = ContentPath.Of(root, diffId.Digest);
        bool isNew;
        lock (_gates.Of(diffId.Digest))
        {
            isNew = !ContentPath.TryRenew(path) && !Contains(diffId);
            if (isNew)
            {
                ContentPath.CreateParent(path);
                ContentPath.TryRenew(temporary);
                Posix.Check(Posix.Rename(Posix.Terminated(temporary), Posix.Terminated(path)), "name the snapshot", path);
            }
        }

        if (!isNew)
        {
            Discard(temporary);
            return;
        }

        ContentPath.SyncDirectory(Path.GetDirectoryName(path)!);
        _gates.Close(temporary);
    }

    private IReadOnlyList<string> UnpackNew(Stream layer, DiffId expected, CancellationToken cancellationToken)
    {
        var temporary = CreateTemporary();
        try
        {
            var notes = LayerUnpacker.Unpack(layer, expected, temporary, Limits, cancellationToken);
            Publish(temporary, expected);
            return notes;
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    private void CreateRoot()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(root, ownerOnly);
        Directory.CreateDirectory(Temporary, ownerOnly);
    }
}
