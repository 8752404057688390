using System.Runtime.InteropServices;

namespace Paas.Oci;

/// <summary>Where content lies under a root: &lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;.</summary>
internal static class ContentPath
{
    private static readonly string[] Algorithms = ["sha256", "sha512"];

    public static string Of(string root, Digest digest) => Path.Combine(root, digest.Algorithm, digest.Hex[..2], digest.Hex);

    public static IEnumerable<Digest> All(string root, Func<string, bool> isContent) => Shards(root).SelectMany(shard => In(root, shard, isContent));

    /// <summary>The folders that hold content, "sha256/0a", in order.</summary>
    public static IEnumerable<string> Shards(string root) =>
        from algorithm in Algorithms
        let folder = Path.Combine(root, algorithm)
        where Directory.Exists(folder)
        from shard in Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        select $"{algorithm}/{shard}";

    public static IEnumerable<Digest> In(string root, string shard, Func<string, bool> isContent)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(Path.Combine(root, shard)))
        {
            if (Digest.TryParse($"{shard.Split('/')[0]}:{Path.GetFileName(path)}", out var digest) && isContent(path))
            {
                yield return digest;
            }
        }
    }

    /// <summary>Starts the lease of an entry anew; false: there is none.</summary>
    public static unsafe bool TryRenew(string path)
    {
        if (Posix.UpdateTimesAt(Posix.WorkingDirectory, Posix.Terminated(path), null, 0) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == Posix.NoEntry ? false : throw Posix.Failure("renew the lease of", path);
    }

    /// <summary>When its lease began: its modification time. What is gone has the oldest of all.</summary>
    public static DateTimeOffset LeasedAt(string path) =>
        Posix.TryStat(Posix.WorkingDirectory, Posix.Terminated(path), Posix.SymlinkNoFollow, out var stat)
            ? DateTimeOffset.FromUnixTimeSeconds(stat.ModifiedSeconds).AddTicks(stat.ModifiedNanoseconds / 100)
            : DateTimeOffset.MinValue;

    /// <summary>Makes the folder of a new entry; each folder that is new is synced into the one above.</summary>
    public static void CreateParent(string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            CreateParent(parent);
            Directory.CreateDirectory(parent);
            SyncDirectory(Path.GetDirectoryName(parent)!);
        }
    }

    /// <summary>A rename is durable only when its directory is (fsync(2)).</summary>
    public static void SyncDirectory(string path)
    {
        using var directory = new Fd((int)Posix.Check(Posix.OpenAt(Posix.WorkingDirectory, Posix.Terminated(path), Posix.ReadOnly | Posix.DirectoryOnly | Posix.CloseOnExec, 0), "open", path));
        Posix.Check(Posix.Sync(directory.Number), "sync", path);
    }
}
