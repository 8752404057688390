using System.Runtime.InteropServices;

namespace Paas.Builds;

/// <summary>Copies a source tree onto the build's own disk for the build's user: modes kept, symbolic links kept as links and
/// never followed (trust rule 9). A git checkout holds nothing but files, folders and links.</summary>
internal static partial class SourceCopy
{
    /// <param name="uid">Owner on the host of all that is made.</param>
    /// <exception cref="BuildFailureException">source_invalid: a link leaves the tree; build_disk.</exception>
    public static void Run(string from, string to, int uid, int gid, CancellationToken cancellationToken)
    {
        try
        {
            CopyDirectory(new DirectoryInfo(from), from, to, uid, gid, cancellationToken);
        }
        catch (IOException e) when (BuildFailures.IsDiskFull(e))
        {
            throw new BuildFailureException("build_disk", "The source is larger than the disk space of a build: keep large files out of the repository.");
        }
    }

    private static void CopyDirectory(DirectoryInfo directory, string root, string to, int uid, int gid, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                Check(entry, link, root);
                File.CreateSymbolicLink(target, link);
                Own(target, uid, gid);
            }
            else if (entry is DirectoryInfo child)
            {
                CopyDirectory(child, root, target, uid, gid, cancellationToken);
            }
            else
            {
                CopyFile((FileInfo)entry, target, uid, gid);
            }
        }

        File.SetUnixFileMode(to, directory.UnixFileMode | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Own(to, uid, gid);
    }

    private static void CopyFile(FileInfo file, string target, int uid, int gid)
    {
        file.CopyTo(target);
        File.SetUnixFileMode(target, file.UnixFileMode | UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Own(target, uid, gid);
    }

    /// <summary>A relative link that stays inside the tree, by its text: what it points to may not exist.</summary>
    private static void Check(FileSystemInfo entry, string link, string root)
    {
        var top = Path.GetFullPath(root);
        var pointsTo = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(entry.FullName)!, link));
        if (Path.IsPathRooted(link) || (pointsTo != top && !pointsTo.StartsWith(top + "/", StringComparison.Ordinal)))
        {
            throw new BuildFailureException(
                "source_invalid",
                $"The symbolic link '{Path.GetRelativePath(root, entry.FullName)}' points out of the repository (to '{link}'): make it relative to a file in the repository, or remove it.");
        }
    }

    /// <summary>chown(2) that does not follow a link.</summary>
    public static void Own(string path, int uid, int gid)
    {
        if (LChown(path, uid, gid) != 0)
        {
            throw new IOException($"Cannot give {path} to user {uid}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, int uid, int gid);
}
