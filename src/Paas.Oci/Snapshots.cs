namespace Paas.Oci;

/// <summary>Unpacked layers by diff id, immutable, with the image's own ids: what overlayfs mounts as lower directories.
/// &lt;root&gt;/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;/ under one writable and any number of read-only roots.</summary>
/// <remarks>The writable root is closed to other users: setuid files of images lie in it.</remarks>
public sealed class Snapshots(string root, params IReadOnlyList<string> readOnlyRoots)
{
    private string Temporary => Path.Combine(root, "tmp");

    internal LayerLimits Limits { get; init; } = LayerLimits.Default;

    /// <summary>Null when no root has it.</summary>
    public string? PathOf(DiffId diffId)
    {
        var own = ContentPath.Of(root, diffId.Digest);
        return Directory.Exists(own) ? own : readOnlyRoots.Select(other => ContentPath.Of(other, diffId.Digest)).FirstOrDefault(Directory.Exists);
    }

    public bool Contains(DiffId diffId) => PathOf(diffId) is not null;

    /// <summary>Unpacks a layer (tar, gzip or zstd told by its first bytes) unless it is there. Whiteouts become overlayfs's own.
    /// Trust rule 9 holds: never outside, hard links within, device nodes dropped, bombs refused.</summary>
    /// <returns>What was left out, one sentence each, for a log; empty when the snapshot was there.</returns>
    /// <exception cref="DigestMismatchException">The tar has another diff id.</exception>
    /// <exception cref="InvalidDataException">The layer breaks a rule; the message names entry and rule.</exception>
    public async Task<IReadOnlyList<string>> UnpackAsync(Stream layer, DiffId expected, CancellationToken cancellationToken)
    {
        if (Contains(expected))
        {
            return [];
        }

        return await Task.Run(
            () =>
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
                    TreeRemoval.Remove(temporary);
                    throw;
                }
            },
            cancellationToken);
    }

    /// <summary>Removes the snapshot from the writable root; false when it was not there. Whether anything still mounts it is the caller's to know.</summary>
    public bool Delete(DiffId diffId)
    {
        var path = ContentPath.Of(root, diffId.Digest);
        if (!Directory.Exists(path))
        {
            return false;
        }

        // Out of sight at once: half a snapshot must never be mounted.
        CreateRoot();
        var condemned = Path.Combine(Temporary, Path.GetRandomFileName());
        Directory.Move(path, condemned);
        TreeRemoval.Remove(condemned);
        return true;
    }

    /// <summary>What lies in the writable root, in no order.</summary>
    public IEnumerable<DiffId> All() => ContentPath.All(root, Directory.Exists).Select(digest => new DiffId(digest));

    /// <summary>Removes what died half-way; call it while nothing unpacks.</summary>
    public void DeleteTemporary() => TreeRemoval.Remove(Temporary);

    /// <summary>A new empty directory to build a snapshot in.</summary>
    internal string CreateTemporary()
    {
        CreateRoot();
        var path = Path.Combine(Temporary, Path.GetRandomFileName());
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Gives a complete and synced tree its name; one that is there already stays.</summary>
    internal void Publish(string temporary, DiffId diffId)
    {
        if (Contains(diffId))
        {
            TreeRemoval.Remove(temporary);
            return;
        }

        var path = ContentPath.Of(root, diffId.Digest);
        ContentPath.CreateParent(path);
        if (Posix.Rename(Posix.Terminated(temporary), Posix.Terminated(path)) < 0)
        {
            var failure = Posix.Failure("name the snapshot", path);
            if (!Directory.Exists(path))
            {
                throw failure;
            }

            TreeRemoval.Remove(temporary);
            return;
        }

        ContentPath.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private void CreateRoot()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(root, ownerOnly);
        Directory.CreateDirectory(Temporary, ownerOnly);
    }
}
