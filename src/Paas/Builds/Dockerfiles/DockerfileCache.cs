using System.Globalization;
using Paas.Apps;
using Paas.Engine.Native.Disk;
using Paas.State;

namespace Paas.Builds.Dockerfiles;

/// <summary>The disks on which Dockerfiles are built: what buildah keeps of one build's steps is there for the app's next one. One file for each app;
/// a build takes it away and gives it back when it went well, so that none is ever found half written.</summary>
public sealed class DockerfileCache(PlatformHome home, BuildsOptions options)
{
    /// <summary>An app that was not built for so long starts cold again.</summary>
    private static readonly TimeSpan KeepUnused = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();

    /// <summary>Bytes of the host's disk that the app's cache takes; 0 when it has none.</summary>
    public long BytesOf(long appId) => LoopFile.BytesOf(FileOf(appId));

    /// <summary>Of all apps.</summary>
    public long Bytes => Files().Sum(file => LoopFile.BytesOf(file.FullName));

    /// <summary>When the app's last build put it aside; null when it has none.</summary>
    public DateTimeOffset? UsedAt(long appId) => new FileInfo(FileOf(appId)) is { Exists: true } file ? file.LastWriteTimeUtc : null;

    /// <summary>The next build starts cold.</summary>
    /// <returns>Bytes that became free.</returns>
    public long Clear(long appId)
    {
        lock (_gate)
        {
            var (bytes, file) = (BytesOf(appId), FileOf(appId));
            if (File.Exists(file))
            {
                File.Delete(file);
            }

            return bytes;
        }
    }

    /// <summary>The app's kept disk, or an empty one.</summary>
    /// <param name="id">Of the build: "hello.7".</param>
    internal async Task<(LoopFile Disk, long Bytes, bool IsWarm)> TakeAsync(long appId, string id, CancellationToken cancellationToken)
    {
        var (file, mountPoint) = (Path.Combine(home.Builds, id + ".img"), Path.Combine(home.Builds, id));
        Directory.CreateDirectory(home.Builds);
        if (TryTake(appId, file) && LoopFile.TryOpen(file, mountPoint) is { } kept)
        {
            return (kept, new FileInfo(file).Length, true);
        }

        var bytes = BuildSandbox.DiskFor(home.Builds, options.DiskBytes);
        return (await LoopFile.CreateAsync(file, mountPoint, bytes, discard: true, cancellationToken), bytes, false);
    }

    /// <summary>After a build that went well, when nothing of it runs any more. The disk is gone then; else it has to be disposed of.</summary>
    /// <returns>False: it is not kept.</returns>
    internal bool TryKeep(long appId, LoopFile disk)
    {
        lock (_gate)
        {
            return disk.TryKeep(FileOf(appId));
        }
    }

    internal Task ForgetAsync(App app, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Clear(app.Id);
        return Task.CompletedTask;
    }

    internal IReadOnlyList<Leftover> Sweep(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        List<Leftover> left = [];
        foreach (var file in Files())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (now - file.LastWriteTimeUtc < KeepUnused)
            {
                continue;
            }

            left.Add(new Leftover("Dockerfile cache", file.Name, LoopFile.BytesOf(file.FullName), "unused for 30 days"));
            if (!dryRun)
            {
                file.Delete();
            }
        }

        return left;
    }

    /// <summary>One whose file could now fill the host's disk is given up.</summary>
    private bool TryTake(long appId, string file)
    {
        lock (_gate)
        {
            var kept = new FileInfo(FileOf(appId));
            if (!kept.Exists)
            {
                return false;
            }

            var room = new DriveInfo(home.Builds).AvailableFreeSpace + LoopFile.BytesOf(kept.FullName);
            if (kept.Length > options.DiskBytes || kept.Length > room)
            {
                kept.Delete();
                return false;
            }

            File.Move(kept.FullName, file, overwrite: true);
            return true;
        }
    }

    private FileInfo[] Files() => Directory.Exists(home.DockerfileCaches) ? new DirectoryInfo(home.DockerfileCaches).GetFiles("*.img") : [];

    private string FileOf(long appId) => Path.Combine(home.DockerfileCaches, appId.ToString(CultureInfo.InvariantCulture) + ".img");
}
