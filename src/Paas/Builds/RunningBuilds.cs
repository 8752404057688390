using System.Collections.Concurrent;
using Paas.Buildpacks;
using Paas.Engine.Native.Disk;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>The builds that run now and what they stand on; what other builds left is swept away.</summary>
public sealed class RunningBuilds(BuildCache cache, PlatformHome home)
{
    /// <summary>A folder is made before its build has written anything.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (long AppId, PreviousBuild? Previous, BuildRun? Build)> _running = new(StringComparer.Ordinal);

    /// <summary>Those that have a build under way.</summary>
    public IReadOnlySet<long> Apps => _running.Values.Select(item => item.AppId).ToHashSet();

    /// <summary>Layers of the last build are mounted into this one: they stay although the cache is cleared meanwhile. Dispose it at the end.</summary>
    /// <param name="id">"hello.7": also the name of its folder.</param>
    /// <param name="appId">Its app.</param>
    /// <param name="previous">Null: it starts cold.</param>
    /// <param name="build">What it says of itself; null: nothing.</param>
    internal IDisposable Begin(string id, long appId, PreviousBuild? previous, BuildRun? build = null)
    {
        _running[id] = (appId, previous, build);
        return new Run(this, id);
    }

    /// <summary>A build that runs, as it stands; null: it does not run.</summary>
    public BuildRecord? Find(long appId, int number) =>
        _running.Values.Where(item => item.AppId == appId).Select(item => item.Build).FirstOrDefault(build => build?.Number == number)?.Record;

    /// <summary>What garbage collection has to keep for builds: every cache, and what runs.</summary>
    public IEnumerable<ContentRoot> Needs() => cache.All().Concat(_running.Values.Select(item => item.Previous).OfType<PreviousBuild>()).Select(build => new ContentRoot("a build")
    {
        Blobs = [.. build.Layers.Select(layer => layer.Blob?.Digest).OfType<Digest>()],
        Snapshots = [.. build.Layers.Select(layer => layer.DiffId)],
    });

    /// <summary>Folders and disks of builds that control did not end.</summary>
    internal IReadOnlyList<Leftover> Sweep(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        List<Leftover> left = [];
        foreach (var id in Found().Where(id => !_running.ContainsKey(id)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (folder, disk) = (Path.Combine(home.Builds, id), new FileInfo(Path.Combine(home.Builds, id + ".img")));
            if (now - Directory.GetLastWriteTimeUtc(folder) < Settled || (disk.Exists && now - disk.LastWriteTimeUtc < Settled))
            {
                continue;
            }

            left.Add(new Leftover("build folder", id, disk.Exists ? disk.Length : 0, "its build is gone"));
            if (!dryRun)
            {
                LoopFile.Sweep(folder);
                disk.Delete();
            }
        }

        return left;
    }

    private HashSet<string> Found() => Directory.Exists(home.Builds)
        ? Directory.EnumerateFileSystemEntries(home.Builds).Select(path => Path.GetFileName(path)).Select(name => name.EndsWith(".img", StringComparison.Ordinal) ? name[..^4] : name).ToHashSet(StringComparer.Ordinal)
        : [];

    private sealed class Run(RunningBuilds builds, string id) : IDisposable
    {
        public void Dispose() => builds._running.TryRemove(id, out _);
    }
}
