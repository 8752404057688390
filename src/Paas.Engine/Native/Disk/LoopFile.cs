namespace Paas.Engine.Native.Disk;

/// <summary>A throw-away file system with a size of its own for the life of one build: an ext4 in a sparse file.
/// Where this machine has no loop device it is a plain directory instead, and <see cref="Capped"/> says so.</summary>
public sealed class LoopFile : IAsyncDisposable
{
    private readonly string _file;

    private LoopFile(string file, string mountPoint, string? missing)
    {
        _file = file;
        MountPoint = mountPoint;
        Missing = missing;
    }

    public string MountPoint { get; }

    /// <summary>What is written there cannot exceed its size.</summary>
    public bool Capped => Missing is null;

    /// <summary>Why it is a plain directory; null when it is capped.</summary>
    public string? Missing { get; }

    /// <summary>Takes about 20 ms. What an earlier run left at both places is removed.</summary>
    /// <param name="file">Takes room on the host only as it is filled.</param>
    /// <param name="mountPoint">Made when missing.</param>
    public static async Task<LoopFile> CreateAsync(string file, string mountPoint, long bytes, CancellationToken cancellationToken)
    {
        Clear(mountPoint);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Directory.CreateDirectory(mountPoint);
        var missing = await LoopDevice.TryMountAsync(file, mountPoint, bytes, discard: false, cancellationToken).ConfigureAwait(false);
        return new LoopFile(file, mountPoint, missing);
    }

    /// <summary>Removes everything in a directory that holds loop files and their mount points and nothing else: what a control
    /// left that was killed. Whatever is mounted in it is unmounted first.</summary>
    public static void Sweep(string directory)
    {
        if (Directory.Exists(directory))
        {
            Clear(directory);
        }
    }

    /// <summary>Unmounts without writing back, and deletes file and mount point.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(() =>
        {
            Clear(MountPoint);
            File.Delete(_file);
        }).ConfigureAwait(false);
    }

    private static void Clear(string directory)
    {
        foreach (var point in MountTable.Below(directory))
        {
            LoopDevice.Discard(point);
        }

        // Deleting into something that is still mounted here (a snapshot, a cache) would destroy it.
        if (MountTable.Below(directory) is [var point0, ..])
        {
            throw new IOException($"{point0} is still mounted: nothing below {directory} was deleted.");
        }

        DirectoryTree.Delete(directory);
    }
}
