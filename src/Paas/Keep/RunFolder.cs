using System.Runtime.InteropServices;
using Paas.State;

namespace Paas.Keep;

/// <summary>The tmpfs on the home's run folder: what lies there is true of this boot only. Mounted before either role starts.</summary>
internal static partial class RunFolder
{
    /// <summary>Sockets, bundles and config vars are small; more would be a leak, and memory.</summary>
    private const string TmpfsOptions = "size=256m,mode=0711";

    private const ulong NoSuid = 2;
    private const ulong NoDev = 4;

    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Mounts it unless it is, and makes the folders that belong to the edge.</summary>
    /// <param name="edge">Null: the edge runs as this user.</param>
    /// <returns>False: this process may not mount, and the folder lies on disk.</returns>
    public static bool Prepare(PlatformHome home, EdgeAccount? edge)
    {
        Directory.CreateDirectory(home.Root);
        Directory.CreateDirectory(home.Run);
        Directory.CreateDirectory(home.Logs, Own);
        using var one = HomeLock.Wait(Path.Combine(home.Root, "run.lock"));
        var mounted = IsMounted(File.ReadAllText("/proc/self/mountinfo"), home.Run);
        if (!mounted && Environment.IsPrivilegedProcess)
        {
            if (Mount("paas-run", home.Run, "tmpfs", NoSuid | NoDev, TmpfsOptions) != 0)
            {
                throw new IOException($"Cannot mount a tmpfs on {home.Run}: {Marshal.GetLastPInvokeErrorMessage()}.");
            }

            mounted = true;
        }

        File.SetUnixFileMode(home.Run, Passable);
        foreach (var folder in (string[])[home.Edge, Path.GetDirectoryName(home.EdgeSocket)!])
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, Own);
            edge?.Own(folder);
        }

        return mounted;
    }

    /// <summary>Takes the tmpfs away again; "not mounted" is success.</summary>
    /// <exception cref="IOException">Something still uses it.</exception>
    public static void Remove(PlatformHome home)
    {
        if (IsMounted(File.ReadAllText("/proc/self/mountinfo"), home.Run) && Unmount(home.Run, 0) != 0)
        {
            throw new IOException($"Cannot unmount {home.Run}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>proc(5), mountinfo: the fifth field is the mount point, with blanks and the like as octal escapes.</summary>
    public static bool IsMounted(string mountinfo, string path)
    {
        var escaped = path.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal).Replace("\t", "\\011", StringComparison.Ordinal).Replace("\n", "\\012", StringComparison.Ordinal);
        return mountinfo.Split('\n').Select(static line => line.Split(' ')).Any(fields => fields.Length > 4 && fields[4] == escaped);
    }

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, string options);
}
