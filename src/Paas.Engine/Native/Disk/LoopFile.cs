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

    /// <summary>Less than half a percent is left.</summary>
    public bool IsFull => IsFullAt(MountPoint);

    /// <summary>The same of the file system that a path lies on.</summary>
    internal static bool IsFullAt(string path) => new DriveInfo(path) is { IsReady: true } drive && drive.AvailableFreeSpace < drive.TotalSize / 200;

    /// <summary>Takes about 20 ms. What an earlier run left at both places is removed.</summary>
    /// <param name="file">Takes room on the host only as it is filled.</param>
    /// <param name="mountPoint">Made when missing.</param>
    public static Task<LoopFile> CreateAsync(string file, string mountPoint, long bytes, CancellationToken cancellationToken) =>
        CreateAsync(file, mountPoint, bytes, discard: false, cancellationToken);

    /// <inheritdoc cref="CreateAsync(string, string, long, CancellationToken)"/>
    /// <param name="discard">What is deleted in it gives its room back to the host at once: for one that is kept.</param>
    public static async Task<LoopFile> CreateAsync(string file, string mountPoint, long bytes, bool discard, CancellationToken cancellationToken)
    {
        Clear(mountPoint);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Directory.CreateDirectory(mountPoint);
        var missing = await LoopDevice.TryMountAsync(file, mountPoint, bytes, discard, cancellationToken).ConfigureAwait(false);
        return new LoopFile(file, mountPoint, missing);
    }

    /// <summary>Mounts a file that <see cref="TryKeep"/> left. What an earlier run left at the mount point is removed.</summary>
    /// <returns>Null when it cannot be mounted: the file is gone then.</returns>
    public static LoopFile? TryOpen(string file, string mountPoint)
    {
        Clear(mountPoint);
        Directory.CreateDirectory(mountPoint);
        if (LoopDevice.TryMount(file, mountPoint))
        {
            return new LoopFile(file, mountPoint, null);
        }

        File.Delete(file);
        Directory.Delete(mountPoint);
        return null;
    }

    /// <summary>Bytes of the host's disk that a file takes, which for a sparse one are fewer than its length; 0 when it is not there.</summary>
    public static long BytesOf(string file) => DirectoryTree.AllocatedBytesOf(file);

    /// <summary>Unmounts with everything written back, and moves the file. It is over then, as after disposal.</summary>
    /// <param name="kept">In the same file system; what lies there is replaced.</param>
    /// <returns>False: somebody still uses it, or there is no file; dispose of it.</returns>
    public bool TryKeep(string kept)
    {
        if (!Capped || !LoopDevice.TryUnmount(MountPoint))
        {
            return false;
        }

        using (var file = File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.Move(_file, kept, overwrite: true);
        return true;
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
