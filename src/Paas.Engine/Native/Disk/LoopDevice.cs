using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Paas.Engine.Native.Disk;

/// <summary>Mounts a file as a file system (loop(4)). The device is told to clear itself, so it cannot outlive the mount,
/// whoever dies in between.</summary>
internal static partial class LoopDevice
{
    // linux/loop.h
    private const uint GetFree = 0x4C82, Configure = 0x4C0A;
    private const int AutoClear = 4;
    private const int ConfigurationLength = 304, FlagsAt = 60, FileNameAt = 64;

    private const int BlockDevice = 0x6000; // S_IFBLK
    private const ulong NoSuid = 2, NoDevices = 4, NoAccessTimes = 1024; // MS_*
    private const int Detach = 2; // MNT_DETACH
    private const uint ShutDown = 0x8004587D; // EXT4_IOC_SHUTDOWN
    private const int Busy = 16, NotMounted = 22, Missing = 2;

    /// <summary>Makes an ext4 file system of this size in a sparse file and mounts it.</summary>
    /// <returns>Null when it is mounted; else why this machine cannot: the file is gone then.</returns>
    public static async Task<string?> TryMountAsync(string file, string mountPoint, long bytes, bool discard, CancellationToken cancellationToken)
    {
        if (!File.Exists("/dev/loop-control"))
        {
            return "this machine has no loop devices (/dev/loop-control is missing)";
        }

        File.Delete(file);
        await using (var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.SetLength(bytes);
        }

        try
        {
            // No journal: what is in it is thrown away after a crash. Nothing is written that need not be.
            await HostProgram.RunAsync(
                "mkfs.ext4", ["-q", "-F", "-m", "0", "-i", $"{DirectoryTree.LeastBytes}", "-O", "^has_journal", "-E", "nodiscard,lazy_itable_init=1", "--", file], cancellationToken).ConfigureAwait(false);
            Mount(file, mountPoint, discard);
            return null;
        }
        catch (Win32Exception e)
        {
            File.Delete(file);
            return $"this machine gives no loop device ({e.Message})";
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    /// <summary>Mounts a file that holds a file system of <see cref="TryMountAsync"/>, which was unmounted well.</summary>
    public static bool TryMount(string file, string mountPoint)
    {
        try
        {
            Mount(file, mountPoint, discard: true);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return false;
        }
    }

    /// <summary>Writes everything back first. False: somebody still uses it.</summary>
    public static bool TryUnmount(string mountPoint) => umount2(mountPoint, 0) == 0;

    /// <summary>Unmounts a file system whose content nobody wants any more: nothing of it is written back first.
    /// A directory that is no mount point is success.</summary>
    public static unsafe void Discard(string mountPoint)
    {
        if (MountTable.Below(mountPoint).Contains(mountPoint))
        {
            var root = open(mountPoint, 0x90000 /* O_DIRECTORY | O_CLOEXEC */, 0);
            if (root >= 0)
            {
                var mode = 2; // EXT4_GOING_FLAGS_NOLOGFLUSH
                _ = ioctl(root, ShutDown, &mode);
                _ = close(root);
            }
        }

        Unmount(mountPoint);
    }

    /// <summary>One that is still used leaves the tree now and ends with its last user. No mount point is success.</summary>
    public static void Unmount(string mountPoint)
    {
        if (umount2(mountPoint, 0) == 0 || Marshal.GetLastPInvokeError() is NotMounted or Missing)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() != Busy || umount2(mountPoint, Detach) != 0)
        {
            throw Error($"Cannot unmount {mountPoint}");
        }
    }

    private static void Mount(string file, string mountPoint, bool discard)
    {
        Directory.CreateDirectory(mountPoint);
        using var backing = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var device = Attach(backing, file, out var path);
        // noinit_itable: no background thread that fills the sparse file with zeros. discard: deleted files give their room
        // back to the host. barrier=0: there is nothing to recover after a crash.
        var options = discard ? "noinit_itable,barrier=0,discard" : "noinit_itable,barrier=0";
        if (mount(path, mountPoint, "ext4", NoSuid | NoDevices | NoAccessTimes, options) != 0)
        {
            throw Error($"mounting {path} failed");
        }

        if (Path.Combine(mountPoint, "lost+found") is var found && Directory.Exists(found))
        {
            Directory.Delete(found);
        }

        // From here on the mount holds the device; closing ours lets it clear itself with the mount.
    }

    private static unsafe SafeFileHandle Attach(SafeFileHandle backing, string file, out string path)
    {
        using var control = Open("/dev/loop-control");
        var configuration = stackalloc byte[ConfigurationLength];
        for (var tries = 0; ; tries++)
        {
            var number = ioctl(control, GetFree, 0);
            if (number < 0)
            {
                throw Error("no free loop device");
            }

            path = $"/dev/loop{number}";
            if (!File.Exists(path) && mknod(path, BlockDevice | 0x180 /* 0600 */, DeviceNumber((uint)number)) != 0)
            {
                throw Error($"cannot make {path}");
            }

            var device = Open(path);
            new Span<byte>(configuration, ConfigurationLength).Clear();
            *(int*)configuration = (int)backing.DangerousGetHandle();
            *(int*)(configuration + FlagsAt) = AutoClear;
            var name = System.Text.Encoding.UTF8.GetBytes(file);
            name.AsSpan(0, Math.Min(name.Length, 63)).CopyTo(new Span<byte>(configuration + FileNameAt, 63));
            if (ioctl(device, Configure, configuration) == 0)
            {
                return device;
            }

            var error = Error($"{path} was refused");
            device.Dispose();
            // Somebody else took the free one in between.
            if (error.NativeErrorCode != Busy || tries == 50)
            {
                throw error;
            }
        }
    }

    /// <summary>makedev(3) for major 7.</summary>
    private static ulong DeviceNumber(uint minor) => (7 << 8) | (minor & 0xff) | ((minor & ~0xffu) << 12);

    private static SafeFileHandle Open(string path)
    {
        var descriptor = open(path, 0x80002 /* O_RDWR | O_CLOEXEC */, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Error($"cannot open {path}");
    }

    private static Win32Exception Error(string what) =>
        new(Marshal.GetLastPInvokeError(), $"{what}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeHandle descriptor, nuint request, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(SafeHandle descriptor, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, string options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
