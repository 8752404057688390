using Microsoft.Extensions.Logging;

namespace Paas.Engine.Native.Disk;

/// <param name="Directory">On the data disk: holds the loop file and its mount point "uppers".</param>
/// <param name="Bytes">Null: 20 GB, or half of what is free when that is less.</param>
internal sealed record UppersOptions(string Directory, long? Bytes = null);

/// <summary>The instances' throw-away uppers: all on one sparse file with a fixed size, so that together they cannot fill the host.
/// Where there is no loop device it is a plain directory that the engine watches.</summary>
internal sealed partial class Uppers(UppersOptions options, ILogger logger)
{
    private const long Most = 20L * 1024 * 1024 * 1024;
    private const long Least = 64L * 1024 * 1024;

    private readonly string _file = Path.Combine(options.Directory, "uppers.ext4");

    /// <summary>Holds the boot id in which the mount point is a plain directory.</summary>
    private readonly string _plain = Path.Combine(options.Directory, "uppers.plain");

    /// <summary>What instances write to their roots cannot exceed the size of one file.</summary>
    public bool Capped => Missing is null;

    /// <summary>A sentence for the engine's capabilities; null when the uppers are capped.</summary>
    public string? Missing { get; private set; }

    public string MountPoint { get; } = Path.Combine(options.Directory, "uppers");

    /// <summary>Mounts it. One that is mounted already (instances of an earlier control) is kept as it is; after a reboot, when
    /// nothing of it is wanted any more, it is made anew.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (MountTable.Below(MountPoint).Contains(MountPoint))
        {
            return;
        }

        Directory.CreateDirectory(options.Directory);
        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellationToken).ConfigureAwait(false)).Trim();
        if (File.Exists(_plain) && await File.ReadAllTextAsync(_plain, cancellationToken).ConfigureAwait(false) == boot)
        {
            // An earlier control of this boot found no loop device, and its instances live in the plain directory.
            Uncapped("no loop device was to be had when the instances were started");
            return;
        }

        File.Delete(_plain);
        var bytes = Size(new DriveInfo(options.Directory).AvailableFreeSpace);
        DirectoryTree.Delete(MountPoint);
        Directory.CreateDirectory(MountPoint);
        if (await LoopDevice.TryMountAsync(_file, MountPoint, bytes, discard: true, cancellationToken).ConfigureAwait(false) is { } reason)
        {
            await File.WriteAllTextAsync(_plain, boot, cancellationToken).ConfigureAwait(false);
            Uncapped(reason);
        }

        File.SetUnixFileMode(MountPoint, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>Half of the free disk stays free whatever instances write.</summary>
    public long Size(long free) => options.Bytes ?? Math.Max(Least, Math.Min(Most, free / 2));

    /// <summary>An empty directory with `upper` and `work` in it; what an earlier run of this id left there is gone.</summary>
    public string Create(string id)
    {
        var directory = PathOf(id);
        DirectoryTree.Delete(directory);
        Directory.CreateDirectory(Path.Combine(directory, "upper"));
        Directory.CreateDirectory(Path.Combine(directory, "work"));
        return directory;
    }

    /// <summary>To be called after the overlay on it is unmounted. One that is gone is success.</summary>
    public void Remove(string id) => DirectoryTree.Delete(PathOf(id));

    /// <summary>What the instance has written to its root, in allocated bytes; 0 when there is no such id.</summary>
    public long UsedBytes(string id) => DirectoryTree.AllocatedBytes(Path.Combine(PathOf(id), "upper"));

    /// <summary>Ids that have a directory: those that no instance owns are to be removed after a crash.</summary>
    public IReadOnlyList<string> Ids() =>
        Directory.Exists(MountPoint) ? [.. Directory.EnumerateDirectories(MountPoint).Select(d => Path.GetFileName(d))] : [];

    /// <summary>Unmounts and deletes it all, when the home stops for good. Instances must be gone.</summary>
    public void Discard()
    {
        LoopDevice.Discard(MountPoint);
        File.Delete(_file);
        File.Delete(_plain);
        DirectoryTree.Delete(MountPoint);
    }

    private void Uncapped(string reason)
    {
        Missing = $"No common limit on the disk that instances fill: {reason}. Each one's own limit is still watched.";
        LogUncapped(reason);
    }

    private string PathOf(string id) => id.Length > 0 && id[0] != '.' && id.AsSpan().IndexOf('/') < 0
        ? Path.Combine(MountPoint, id)
        : throw new ArgumentException($"'{id}' is no instance's name.", nameof(id));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Instances' uppers are a plain directory without a common size limit: {Reason}")]
    private partial void LogUncapped(string reason);
}
