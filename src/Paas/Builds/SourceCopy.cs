using System.Runtime.InteropServices;
using Paas.Buildpacks;

namespace Paas.Builds;

/// <summary>Copies a source tree onto the build's own disk for the build's user: modes kept, symbolic links kept as links and
/// never followed (trust rule 9). A git checkout holds nothing but files, folders and links; it belongs to git's user, so root reads it
/// as a stranger's tree.</summary>
internal static partial class SourceCopy
{
    /// <param name="uid">Owner on the host of all that is made.</param>
    /// <exception cref="BuildFailureException">source_invalid: a link leaves the tree; build_disk.</exception>
    public static void Run(string from, string to, int uid, int gid, CancellationToken cancellationToken)
    {
        try
        {
            CopyDirectory(new UntrustedTree(from), "", to, uid, gid, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new BuildFailureException("source_invalid", $"The source changed while it was copied: {e.Message} Push again.");
        }
        catch (IOException e) when (BuildFailures.IsDiskFull(e))
        {
            throw new BuildFailureException("build_disk", "The source is larger than the disk space of a build: keep large files out of the repository.");
        }
    }

    private static void CopyDirectory(UntrustedTree tree, string path, string to, int uid, int gid, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        using var directory = tree.OpenDirectory(path);
        foreach (var entry in directory.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Path.Combine(to, entry.Name);
            var name = Path.Combine(path, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                Check(name, link);
                File.CreateSymbolicLink(target, link);
                Own(target, uid, gid);
            }
            else if (entry is DirectoryInfo)
            {
                CopyDirectory(tree, name, target, uid, gid, cancellationToken);
            }
            else
            {
                CopyFile(tree, name, target, uid, gid);
            }
        }

        File.SetUnixFileMode(to, directory.Mode | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Own(to, uid, gid);
    }

    private static void CopyFile(UntrustedTree tree, string path, string target, int uid, int gid)
    {
        using var handle = tree.OpenFile(path);
        var mode = File.GetUnixFileMode(handle);
        using (var from = new FileStream(handle, FileAccess.Read, bufferSize: 0))
        using (var to = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 }))
        {
            from.CopyTo(to);
        }

        File.SetUnixFileMode(target, mode | UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Own(target, uid, gid);
    }

    /// <summary>A relative link that stays inside the tree, by its text: what it points to may not exist.</summary>
    /// <param name="path">Relative to the tree.</param>
    private static void Check(string path, string link)
    {
        const string top = "/tree";
        var pointsTo = Path.GetFullPath(Path.Combine(top, Path.GetDirectoryName(path)!, link));
        if (Path.IsPathRooted(link) || (pointsTo != top && !pointsTo.StartsWith(top + "/", StringComparison.Ordinal)))
        {
            throw new BuildFailureException(
                "source_invalid",
                $"The symbolic link '{path}' points out of the repository (to '{link}'): make it relative to a file in the repository, or remove it.");
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
