using System.Runtime.InteropServices;
using System.Text;

namespace Paas.Engine.Native.Interop;

/// <summary>The new mount API (open_tree(2), mount_setattr(2), move_mount(2)): the only way to an idmapped mount.</summary>
internal static unsafe class MountTree
{
    private const int OpenTree = 428;
    private const int MoveMount = 429;
    private const int MountSetAttr = 442;
    private const uint OpenTreeClone = 1;
    private const uint MoveMountFromEmptyPath = 4;
    private const ulong MountAttrReadOnly = 1;
    private const ulong MountAttrIdMap = 0x00100000;

    /// <summary>Shows <paramref name="source"/> read-only at <paramref name="target"/>, its ids shifted by the user namespace's map.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">EINVAL: the file system or the kernel cannot.</exception>
    public static void AttachIdMapped(string source, string target, int userNamespace)
    {
        var tree = Call(OpenTree, Libc.AT_FDCWD, source, (nint)(OpenTreeClone | Libc.O_CLOEXEC), $"open_tree {source}");
        try
        {
            var attributes = new Attributes { Set = MountAttrIdMap | MountAttrReadOnly, UserNamespace = (ulong)userNamespace };
            fixed (byte* empty = "\0"u8)
            {
                Libc.Check(
                    Libc.SystemCall(MountSetAttr, tree, (nint)empty, Libc.AT_EMPTY_PATH, (nint)(&attributes), sizeof(Attributes)),
                    $"idmapped mount of {source}");
                fixed (byte* path = Encoding.UTF8.GetBytes(target + '\0'))
                {
                    Libc.Check(
                        Libc.SystemCall(MoveMount, tree, (nint)empty, Libc.AT_FDCWD, (nint)path, (nint)MoveMountFromEmptyPath),
                        $"move_mount to {target}");
                }
            }
        }
        finally
        {
            Libc.Close((int)tree);
        }
    }

    private static nint Call(int number, int directory, string path, nint flags, string what)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return (nint)Libc.Check(Libc.SystemCall(number, directory, (nint)text, flags, 0, 0), what);
        }
    }

    /// <summary>struct mount_attr of linux/mount.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }
}
