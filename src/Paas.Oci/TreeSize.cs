using System.IO.Enumeration;

namespace Paas.Oci;

/// <summary>What a tree takes on the disk.</summary>
public static class TreeSize
{
    /// <summary>An empty file and a folder take an inode at least.</summary>
    private const long Block = 4096;

    /// <summary>Bytes, each file rounded up to whole blocks, hard links counted each: an upper bound. No link is followed.</summary>
    public static long Of(string directory)
    {
        var sizes = new FileSystemEnumerable<long>(
            directory,
            static (ref FileSystemEntry entry) => IsLink(ref entry) || entry.IsDirectory ? Block : Math.Max(1, (entry.Length + Block - 1) / Block) * Block,
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true })
        {
            // Links lead to the host's own files.
            ShouldRecursePredicate = static (ref FileSystemEntry entry) => !IsLink(ref entry),
        };
        return sizes.Sum();
    }

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
}
