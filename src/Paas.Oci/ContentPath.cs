namespace Paas.Oci;

/// <summary>Where content lies under a root: &lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;.</summary>
internal static class ContentPath
{
    private static readonly string[] Algorithms = ["sha256", "sha512"];

    public static string Of(string root, Digest digest) => Path.Combine(root, digest.Algorithm, digest.Hex[..2], digest.Hex);

    public static IEnumerable<Digest> All(string root, Func<string, bool> isContent)
    {
        foreach (var algorithm in Algorithms.Where(name => Directory.Exists(Path.Combine(root, name))))
        {
            foreach (var path in Directory.EnumerateDirectories(Path.Combine(root, algorithm)).SelectMany(Directory.EnumerateFileSystemEntries))
            {
                if (Digest.TryParse($"{algorithm}:{Path.GetFileName(path)}", out var digest) && isContent(path))
                {
                    yield return digest;
                }
            }
        }
    }

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
