using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Interop;

/// <summary>The calls of libc that .NET has no door for. Names and constants are the kernel's (x86_64 and aarch64).</summary>
internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_CLOEXEC = 0x80000;
    public const int F_SETFD = 2;
    public const int FD_CLOEXEC = 1;
    public const int O_PATH = 0x200000;
    public const int O_NONBLOCK = 0x800;
    public const int EINTR = 4;
    public const int ESRCH = 3;
    public const int EINVAL = 22;
    public const int ENOENT = 2;
    public const int EEXIST = 17;
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int AT_FDCWD = -100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int AT_RECURSIVE = 0x8000;
    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;
    public const ulong MS_BIND = 4096;
    public const ulong MS_NODEV = 4;
    public const ulong MS_NOSUID = 2;
    public const ulong MS_PRIVATE = 1 << 18;
    public const int CLONE_FS = 0x200;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    private const string Library = "libc";

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Turns a negative result into an exception that says what was tried.</summary>
    public static long Check(long result, string what) =>
        result >= 0 ? result : throw new Win32Exception(LastError, $"{what}: {Marshal.GetPInvokeErrorMessage(LastError)}");

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport(Library, EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, int uid, int gid);

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeDirectory(string path);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* descriptors, int flags);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e);

    /// <summary>pidfd_open(2): readable when the process has ended.</summary>
    public static int OpenPid(int pid) => (int)SystemCall(434, pid, 0, 0, 0, 0);

    /// <summary>pidfd_send_signal(2): never hits another process that got the same pid later.</summary>
    public static int SignalPid(int pidDescriptor, int signal) => (int)SystemCall(424, pidDescriptor, signal, 0, 0, 0);
}
