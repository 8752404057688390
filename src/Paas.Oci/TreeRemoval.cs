using System.Runtime.InteropServices;

namespace Paas.Oci;

/// <summary>Removes a tree that strangers filled: any file name, any depth, and never through a symbolic link or into a mount.</summary>
public static class TreeRemoval
{
    /// <summary>"Not there" is success.</summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Remove(string path)
    {
        var name = Posix.Terminated(Path.TrimEndingDirectorySeparator(path));
        if (TryRemoveOne(Posix.WorkingDirectory, name, path))
        {
            return;
        }

        using (var top = Open(Posix.WorkingDirectory, name, path))
        {
            // A full directory is moved up to the top before it is emptied, so depth costs neither stack nor descriptors.
            var full = new Queue<byte[]>();
            var moved = 0;
            foreach (var child in DirectoryListing.Read(top, path))
            {
                var childName = Posix.Terminated(child.Span);
                if (!TryRemoveOne(top.Number, childName, path))
                {
                    full.Enqueue(childName);
                }
            }

            while (full.TryDequeue(out var next))
            {
                using (var directory = Open(top.Number, next, path))
                {
                    foreach (var child in DirectoryListing.Read(directory, path))
                    {
                        var childName = Posix.Terminated(child.Span);
                        if (!TryRemoveOne(directory.Number, childName, path))
                        {
                            full.Enqueue(MoveUp(directory.Number, childName, top.Number, ref moved, path));
                        }
                    }
                }

                Posix.Check(Posix.Unlink(top.Number, next, Posix.RemoveDirectory), "remove a directory of", path);
            }
        }

        Posix.Check(Posix.Unlink(Posix.WorkingDirectory, name, Posix.RemoveDirectory), "remove", path);
    }

    /// <summary>False: a directory with something in it.</summary>
    private static bool TryRemoveOne(int directory, byte[] name, string what)
    {
        if (Posix.Unlink(directory, name, 0) == 0 || Marshal.GetLastPInvokeError() == Posix.NoEntry)
        {
            return true;
        }

        if (Marshal.GetLastPInvokeError() != Posix.IsDirectory)
        {
            throw Posix.Failure("remove a file of", what);
        }

        return Posix.Unlink(directory, name, Posix.RemoveDirectory) == 0
            || (Marshal.GetLastPInvokeError() is Posix.NotEmpty or Posix.Exists ? false : throw Posix.Failure("remove a directory of", what));
    }

    private static byte[] MoveUp(int directory, byte[] name, int top, ref int moved, string what)
    {
        while (true)
        {
            var target = Posix.Terminated($".removing-{moved++}");
            if (Posix.RenameAt(directory, name, top, target) == 0)
            {
                return target;
            }

            // Somebody's file has that name already: take the next.
            if (Marshal.GetLastPInvokeError() is not (Posix.NotEmpty or Posix.Exists or Posix.NotDirectory))
            {
                throw Posix.Failure("remove a directory of", what);
            }
        }
    }

    private static Fd Open(int directory, byte[] name, string what) => new((int)Posix.Check(
        Posix.OpenAt(directory, name, Posix.ReadOnly | Posix.DirectoryOnly | Posix.NoFollow | Posix.CloseOnExec, 0), "open a directory of", what));
}
