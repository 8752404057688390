using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Disk;

/// <summary>Directories that strangers filled: measured and removed without following a link.</summary>
internal static unsafe partial class DirectoryTree
{
    /// <summary>What one file or folder counts at least: an empty one takes no block, but as many inodes as a file system has are all that
    /// its users share. <see cref="LoopDevice"/> makes one for each of these.</summary>
    public const int LeastBytes = 4096;

    /// <summary>Allocated bytes, hard links counted once, as du(1) does; nothing is free.</summary>
    public static long AllocatedBytes(string directory)
    {
        var total = 0L;
        HashSet<ulong> linked = [];
        Stack<string> directories = new([directory]);
        while (directories.TryPop(out var current))
        {
            try
            {
                foreach (var entry in new DirectoryInfo(current).EnumerateFileSystemInfos())
                {
                    if (statx(-100 /* AT_FDCWD */, entry.FullName, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0x7ff /* STATX_BASIC_STATS */, out var status) != 0)
                    {
                        continue;
                    }

                    var isDirectory = (status.Mode & 0xf000) == 0x4000;
                    if (isDirectory)
                    {
                        directories.Push(entry.FullName);
                    }

                    if (isDirectory || status.Links < 2 || linked.Add(status.Inode))
                    {
                        total += Math.Max((long)status.Blocks * 512, LeastBytes);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone since, or nested deeper than a path can be long: the cap on the whole file system holds all the same.
            }
        }

        return total;
    }

    /// <summary>Of one file; 0 when it is not there. No link is followed.</summary>
    public static long AllocatedBytesOf(string file) => statx(-100 /* AT_FDCWD */, file, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0x7ff /* STATX_BASIC_STATS */, out var status) == 0 ? (long)status.Blocks * 512 : 0;

    /// <summary>Its number on its file system; 0 when it is not there. No link is followed.</summary>
    public static ulong InodeOf(string path) => statx(-100 /* AT_FDCWD */, path, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0x7ff /* STATX_BASIC_STATS */, out var status) == 0 ? status.Inode : 0;

    /// <summary>Nothing of it is left, however deep it was nested. One that is gone is success.</summary>
    public static void Delete(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DeleteDeep(directory);
        }
    }

    /// <summary>rm(1) goes down by descriptor, so no path grows too long for it.</summary>
    private static void DeleteDeep(string directory)
    {
        using var rm = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("rm", ["-rf", "--", directory]) { RedirectStandardError = true })!;
        var error = rm.StandardError.ReadToEnd();
        rm.WaitForExit();
        if (rm.ExitCode != 0)
        {
            throw new IOException($"Cannot remove {directory}: {error.Trim()}");
        }
    }

    /// <summary>struct statx, the fields up to blocks.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(16)]
        public uint Links;
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(48)]
        public ulong Blocks;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Status status);
}
