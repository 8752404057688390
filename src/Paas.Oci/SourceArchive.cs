using System.Diagnostics;

namespace Paas.Oci;

/// <summary>Unpacks a tar of somebody's source files (plain, gzip or zstd told by its first bytes) below a directory: never outside it, files,
/// folders and links only, all of one owner (trust rule 9). Where its symbolic links lead is for whoever reads them to judge.</summary>
public static class SourceArchive
{
    private const uint Permissions = 0x1FF;

    /// <param name="directory">Is there, and empty.</param>
    /// <param name="mostBytes">Of the uncompressed tar.</param>
    /// <param name="mostEntries">Files, folders and links.</param>
    /// <exception cref="InvalidDataException">It is no tar, over a limit, or breaks a rule; the message names entry and rule.</exception>
    public static Task UnpackAsync(Stream archive, string directory, long mostBytes, long mostEntries, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var decompressed = LayerCompression.Open(archive);
            using var input = new TarInput(decompressed.Stream, "sha256", mostBytes);
            using var tree = new TreeWriter(directory);
            var tar = new LayerTarReader(input);
            for (var count = 1; tar.Read() is { } entry; count++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (count > mostEntries || entry.Size > mostBytes)
                {
                    throw new InvalidDataException($"The archive is refused: it has more than {mostEntries} entries or {mostBytes >> 20} MB.");
                }

                Add(tree, tar, entry, cancellationToken);
            }

            input.Finish();
            decompressed.Finish();
        },
        cancellationToken);

    private static void Add(TreeWriter tree, LayerTarReader tar, TarEntry entry, CancellationToken cancellationToken)
    {
        var name = EntryName.Parse(entry.Name);
        var metadata = new EntryMetadata(0, 0, entry.Metadata.Mode & Permissions, LayerTarWriter.NormalTime);
        switch (entry.Kind)
        {
            case TarKind.Directory:
                tree.Directory(name, metadata);
                break;
            case TarKind.File:
                tree.File(name, metadata, tar, cancellationToken).Dispose();
                break;
            case TarKind.Symlink:
                tree.Symlink(name, entry.LinkName, metadata);
                break;
            case TarKind.HardLink:
                tree.HardLink(name, EntryName.Parse(entry.LinkName));
                break;
            case TarKind.Special:
                throw new InvalidDataException($"The archive is refused: '{name}' is a device, a fifo or another kind of entry that sources do not have.");
            default:
                throw new UnreachableException();
        }
    }
}
