using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Paas.Buildpacks;

/// <summary>The system calls that .NET has no door to. Names and numbers as in linux/openat2.h, linux/stat.h and asm-generic/errno.h.</summary>
internal static partial class Linux
{
    public const int CurrentDirectory = -100;

    public const int ReadOnly = 0;
    public const int NonBlocking = 0x800;

    /// <summary>O_NOFOLLOW: a link in the last place is not followed.</summary>
    public const int NoFollow = 0x20000;

    /// <summary>O_PATH: a name for the place, without access to what lies there.</summary>
    public const int PathOnly = 0x200000;

    public const ulong ResolveNoSymlinks = 0x04;
    public const ulong ResolveBeneath = 0x08;

    public const int NoSuchEntry = 2;
    public const int CrossesDevice = 18;
    public const int NotADirectory = 20;
    public const int TooManyLinks = 40;

    private const int CloseOnExec = 0x80000;
    private const long OpenAt2Number = 437;
    private const int EmptyPath = 0x1000;
    private const uint StatxType = 0x1;

    /// <summary>An invalid handle on failure; the error is the last P/Invoke error.</summary>
    public static unsafe SafeFileHandle OpenAt2(int directory, string path, int flags, ulong resolve)
    {
        var how = new OpenHow { Flags = (ulong)(flags | CloseOnExec), Resolve = resolve };
        return new SafeFileHandle((nint)Syscall(OpenAt2Number, directory, path, &how, (nuint)sizeof(OpenHow)), ownsHandle: true);
    }

    public static bool IsRegularFile(SafeFileHandle handle) => TypeOf(handle) == 0x8000;

    public static bool IsDirectory(SafeFileHandle handle) => TypeOf(handle) == 0x4000;

    /// <summary>lchown(2). Zero on success.</summary>
    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int ChangeOwner(string path, int uid, int gid);

    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial long Syscall(long number, int directory, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    /// <summary>The S_IFMT bits.</summary>
    private static unsafe int TypeOf(SafeFileHandle handle)
    {
        const int resultSize = 256, modeOffset = 28;
        var result = stackalloc byte[resultSize];
        return Statx((int)handle.DangerousGetHandle(), "", EmptyPath, StatxType, result) == 0
            ? Unsafe.ReadUnaligned<ushort>(result + modeOffset) & 0xF000
            : 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
