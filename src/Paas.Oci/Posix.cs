using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Paas.Oci;

/// <summary>The system calls that .NET does not offer: work relative to a directory descriptor, owners, times, devices, attributes.
/// Names are bytes that end with a zero, as the kernel keeps them: not every file name is UTF-8.</summary>
internal static unsafe partial class Posix
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlock = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    public const int WorkingDirectory = -100;
    public const int SymlinkNoFollow = 0x100;
    public const int RemoveDirectory = 0x200;
    public const int EmptyPath = 0x1000;

    public const uint TypeMask = 0xF000;
    public const uint Directory = 0x4000;
    public const uint Regular = 0x8000;
    public const uint Symlink = 0xA000;
    public const uint CharDevice = 0x2000;

    public const int NoEntry = 2;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int TooManyLinks = 31;
    public const int NameTooLong = 36;
    public const int NotEmpty = 39;
    public const int Loop = 40;
    public const int NotSupported = 95;

    private const nint OpenAt2Number = 437;
    private const uint SyncFileRangeWrite = 2;
    private const ulong NoMagicLinks = 0x02;
    private const ulong NoSymlinks = 0x04;
    private const ulong Beneath = 0x08;
    private const uint BasicStats = 0x7FF;

    // The only two open(2) flags whose value differs between the machines that we run on.
    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static int DirectoryOnly => IsArm ? 0x4000 : 0x10000;

    public static int NoFollow => IsArm ? 0x8000 : 0x20000;

    /// <summary>open(2) below a directory: never above it and never through a symbolic link (openat2(2)).</summary>
    /// <returns>Less than 0: failed, see <see cref="Marshal.GetLastPInvokeError"/>.</returns>
    public static int OpenBeneath(int directory, byte[] path, int flags)
    {
        var how = new OpenHow { Flags = (ulong)(flags | CloseOnExec), Resolve = Beneath | NoSymlinks | NoMagicLinks };
        fixed (byte* name = path)
        {
            return (int)SystemCall(OpenAt2Number, directory, (nint)name, (nint)(&how), sizeof(OpenHow));
        }
    }

    /// <summary>open(2) of an absolute path that leads through no symbolic link at all.</summary>
    public static int OpenWithoutSymlinks(byte[] path, int flags)
    {
        var how = new OpenHow { Flags = (ulong)(flags | CloseOnExec), Resolve = NoSymlinks | NoMagicLinks };
        fixed (byte* name = path)
        {
            return (int)SystemCall(OpenAt2Number, WorkingDirectory, (nint)name, (nint)(&how), sizeof(OpenHow));
        }
    }

    public static bool TryStat(int directory, byte[] path, int flags, out FileStat stat)
    {
        fixed (FileStat* to = &stat)
        {
            return StatX(directory, path, flags, BasicStats, to) == 0;
        }
    }

    /// <summary>Everything, however many calls it takes.</summary>
    public static void WriteAll(int file, ReadOnlySpan<byte> content, string what)
    {
        fixed (byte* start = content)
        {
            for (var done = 0; done < content.Length;)
            {
                var count = Write(file, start + done, content.Length - done);
                done += (int)Check(count, "write", what);
            }
        }
    }

    /// <summary>0 at the end.</summary>
    public static int ReadSome(int file, Span<byte> buffer, string what)
    {
        fixed (byte* start = buffer)
        {
            return (int)Check(Read(file, start, buffer.Length), "read", what);
        }
    }

    public static void SetTimes(int file, long seconds, long nanoseconds, string what)
    {
        var times = stackalloc long[] { seconds, nanoseconds, seconds, nanoseconds };
        Check(UpdateTimes(file, times), "set the times of", what);
    }

    public static void SetLinkTimes(int directory, byte[] path, long seconds, long nanoseconds, string what)
    {
        var times = stackalloc long[] { seconds, nanoseconds, seconds, nanoseconds };
        Check(UpdateTimesAt(directory, path, times, SymlinkNoFollow), "set the times of", what);
    }

    /// <exception cref="IOException">The call failed; the message has the action, the path and the system's words.</exception>
    public static nint Check(nint result, string action, string what) =>
        result >= 0 ? result : throw Failure(action, what);

    public static IOException Failure(string action, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Could not {action} '{what}': {new Win32Exception(error).Message} ({error}).");
    }

    public static byte[] Terminated(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length + 1];
        text.CopyTo(bytes);
        return bytes;
    }

    public static byte[] Terminated(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>Asks the kernel to write a part of a file out, and waits for nothing: a hint, whose failure a later fsync tells.</summary>
    public static void BeginWriteBack(SafeFileHandle file, long offset, long count) => _ = SyncFileRange(file, offset, count, SyncFileRangeWrite);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int directory, byte[] path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectory(int directory, byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int Unlink(int directory, byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int MakeSymlink(byte[] target, int directory, byte[] path);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int Link(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath, int flags);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNode(int directory, byte[] path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    public static partial int Rename(byte[] from, byte[] to);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(int fromDirectory, byte[] from, int toDirectory, byte[] to);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(int file, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    public static partial int ChangeOwnerAt(int directory, byte[] path, uint uid, uint gid, int flags);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int SetAttribute(int file, byte[] name, byte[] value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    public static partial nint GetAttribute(int file, byte[] name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLink(int directory, byte[] path, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadDirectory(int directory, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(int file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int directory, byte[] path, int flags, uint mask, FileStat* stat);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int file, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int UpdateTimes(int file, long* times);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    public static partial int UpdateTimesAt(int directory, byte[] path, long* times, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStat
    {
        [FieldOffset(20)] public uint Uid;
        [FieldOffset(24)] public uint Gid;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(40)] public long Size;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(128)] public uint DeviceMajor;
        [FieldOffset(132)] public uint DeviceMinor;

        public readonly uint Type => Mode & TypeMask;

        /// <summary>overlayfs: "x was deleted" is a character device 0/0 of that name.</summary>
        public readonly bool IsWhiteout => Type == CharDevice && DeviceMajor == 0 && DeviceMinor == 0;
    }
}

/// <summary>An open file descriptor, closed by disposing.</summary>
internal readonly record struct Fd(int Number) : IDisposable
{
    public void Dispose()
    {
        if (Number >= 0)
        {
            _ = Posix.Close(Number);
        }
    }
}
