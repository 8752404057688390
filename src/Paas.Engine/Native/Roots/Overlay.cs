using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Roots;

/// <summary>Overlay mounts (Documentation/filesystems/overlayfs.rst of the kernel).</summary>
internal static class Overlay
{
    /// <summary>Mounts <paramref name="paths"/>, topmost first, under a fresh upper at <paramref name="target"/>.</summary>
    /// <param name="upper">Its "upper" and "work" are made here when missing.</param>
    /// <param name="uid">Host id that owns the merged root.</param>
    public static void Mount(Lowers lowers, IReadOnlyList<string> paths, string upper, string target, int uid, int gid)
    {
        var (data, work) = (Path.Combine(upper, "upper"), Path.Combine(upper, "work"));
        Directory.CreateDirectory(data);
        // The upper's mode and owner are the merged root's; 0755 as image roots have it.
        File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        Libc.Check(Libc.ChangeOwner(data, uid, gid), $"chown {data}");
        Directory.CreateDirectory(work);
        Refuse(data);
        Refuse(work);
        lowers.With(paths, names =>
        {
            var options = $"lowerdir={string.Join(':', names)},upperdir={data},workdir={work}";
            if (Libc.Mount("overlay", target, "overlay", Libc.MS_NODEV | Libc.MS_NOSUID, options) != 0)
            {
                throw new EngineException(
                    $"The image's {names.Count} layers cannot be mounted: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(Libc.LastError)}. "
                    + "`dmesg` has overlayfs's reason.");
            }
        });
    }

    /// <summary>Takes away whatever is mounted there, layer by layer; "nothing there" is success.</summary>
    public static void Unmount(string target)
    {
        while (Libc.Unmount(target, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW) == 0)
        {
        }

        if (Libc.LastError is not (Libc.EINVAL or Libc.ENOENT))
        {
            Libc.Check(-1, $"umount {target}");
        }
    }

    /// <summary>mount(2) has no way to quote these.</summary>
    private static void Refuse(string path)
    {
        if (path.AsSpan().ContainsAny(",:\\"))
        {
            throw new EngineException($"The path {path} has one of the characters , : \\ which overlayfs cannot take. Choose another home.");
        }
    }
}
