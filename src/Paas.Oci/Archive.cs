using System.Text;

namespace Paas.Oci;

/// <summary>Unpacks a tar that a stranger made (plain, gzip or zstd) below a directory, for good or not at all (trust rule 9): no name is absolute or has
/// "..", no link leaves the tree, there are no devices, and neither owners nor setuid are kept.</summary>
public static class Archive
{
    private const uint Permissions = 0x1FF; // 0777

    /// <param name="directory">Exists; may hold what other layers of the same tree brought.</param>
    /// <param name="isLayer">A layer of an image: its names may begin with "/", which is the image's own root, and its symbolic links are the image's.</param>
    /// <exception cref="InvalidDataException">It breaks a rule; the message names entry and rule.</exception>
    public static void Unpack(Stream archive, string directory, ArchiveLimits limits, bool isLayer, CancellationToken cancellationToken)
    {
        try
        {
            using var decompressed = LayerCompression.Open(archive);
            using var input = new TarInput(decompressed.Stream, "sha256", limits.Bytes);
            using var tree = new TreeWriter(directory);
            var tar = new LayerTarReader(input);
            var written = 0L;
            for (var count = 1; tar.Read() is { } entry; count++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                written += entry.Size;
                if (count > limits.Entries || written > limits.Bytes)
                {
                    throw new InvalidDataException(count > limits.Entries
                        ? $"The archive is refused: it has more than {limits.Entries} entries."
                        : $"The archive is refused: unpacked it is larger than {limits.Bytes >> 20} MB.");
                }

                Add(tree, tar, entry, isLayer, cancellationToken);
            }

            input.Finish();
            decompressed.Finish();
            tree.Finish();
        }
        catch (InvalidDataException refused) when (refused.Message.StartsWith(ReadersWord, StringComparison.Ordinal))
        {
            // The tar reader mostly reads layers and says so.
            throw new InvalidDataException("The archive" + refused.Message[ReadersWord.Length..], refused);
        }
    }

    private const string ReadersWord = "The layer";

    private static void Add(TreeWriter tree, LayerTarReader tar, TarEntry entry, bool isLayer, CancellationToken cancellationToken)
    {
        var name = NameOf(entry.Name, isLayer);
        var metadata = new EntryMetadata(0, 0, entry.Metadata.Mode & Permissions, entry.Metadata.Seconds, entry.Metadata.Nanoseconds);
        switch (entry.Kind)
        {
            case TarKind.Directory:
                tree.Directory(name, metadata);
                break;
            case TarKind.File:
                tree.File(name, metadata, tar, cancellationToken).Dispose();
                break;
            case TarKind.Symlink:
                if (!isLayer && !StaysWithin(name.ToString(), Encoding.UTF8.GetString(entry.LinkName)))
                {
                    throw TreeWriter.Refused(name, $"it is a symbolic link that leaves the archive (to '{EntryName.Show(entry.LinkName)}')");
                }

                tree.Symlink(name, entry.LinkName, metadata);
                break;
            case TarKind.HardLink:
                tree.HardLink(name, NameOf(entry.LinkName, isLayer));
                break;
            default:
                throw TreeWriter.Refused(name, entry.Type is '3' or '4' ? "it is a device node" : entry.Type == '6' ? "it is a fifo" : "it is neither file, directory nor link");
        }
    }

    /// <summary>A relative link that cannot lead out of its tree, by its text: ".." only at its beginning, where it climbs real directories.</summary>
    /// <param name="path">The link's own, relative to the top of the tree.</param>
    public static bool StaysWithin(string path, string target)
    {
        if (target.Length == 0 || target.StartsWith('/'))
        {
            return false;
        }

        var depth = path.Count(letter => letter == '/');
        var parts = target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        var climbs = parts.TakeWhile(part => part == "..").Count();
        return climbs <= depth && !parts.Skip(climbs).Contains("..");
    }

    private static EntryName NameOf(byte[] name, bool isLayer) => isLayer ? EntryName.InLayer(name) : EntryName.Parse(name);
}

/// <summary>What one archive may hold at most.</summary>
/// <param name="Bytes">Of all files, unpacked.</param>
public sealed record ArchiveLimits(int Entries, long Bytes);
