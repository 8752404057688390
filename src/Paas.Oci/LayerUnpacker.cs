using System.Diagnostics;
using System.Text;

namespace Paas.Oci;

/// <summary>Turns the stream of a layer into a tree that overlayfs can mount.</summary>
internal static class LayerUnpacker
{
    private const int MaxNotes = 100;

    /// <returns>What was left out and why, for a build log.</returns>
    /// <exception cref="InvalidDataException">The layer breaks a rule.</exception>
    /// <exception cref="DigestMismatchException">The tar has another diff id.</exception>
    public static IReadOnlyList<string> Unpack(Stream layer, DiffId expected, string directory, LayerLimits limits, CancellationToken cancellationToken)
    {
        using var decompressed = LayerCompression.Open(layer);
        using var input = new TarInput(decompressed.Stream, expected.Digest.Algorithm, limits.Bytes);
        using var tree = new TreeWriter(directory);
        var tar = new LayerTarReader(input);
        var notes = new List<string>();
        for (var count = 1; tar.Read() is { } entry; count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (count > limits.Entries)
            {
                throw new InvalidDataException($"The layer is refused: it has more than {limits.Entries} entries.");
            }

            if (entry.Size > limits.Bytes)
            {
                throw new InvalidDataException($"The layer is refused: '{EntryName.Show(entry.Name)}' alone is larger than {limits.Bytes >> 30} GB.");
            }

            Add(tree, tar, entry, notes, cancellationToken);
        }

        var actual = input.Finish();
        decompressed.Finish();
        if (actual != expected.Digest)
        {
            throw new DigestMismatchException(expected.Digest, actual);
        }

        tree.Finish();
        return notes;
    }

    private static void Add(TreeWriter tree, LayerTarReader tar, TarEntry entry, List<string> notes, CancellationToken cancellationToken)
    {
        var name = EntryName.InLayer(entry.Name);
        if (name.Last.StartsWith(".wh."u8))
        {
            AddWhiteout(tree, name);
            return;
        }

        switch (entry.Kind)
        {
            case TarKind.Directory:
                tree.Directory(name, entry.Metadata);
                foreach (var (attribute, value) in Kept(entry, name, notes))
                {
                    tree.SetDirectoryAttribute(name, attribute, value);
                }

                break;
            case TarKind.File:
                using (var file = tree.File(name, entry.Metadata, tar, cancellationToken))
                {
                    foreach (var (attribute, value) in Kept(entry, name, notes))
                    {
                        TreeWriter.SetAttribute(file, name, attribute, value);
                    }
                }

                break;
            case TarKind.Symlink:
                tree.Symlink(name, entry.LinkName, entry.Metadata);
                break;
            case TarKind.HardLink:
                tree.HardLink(name, EntryName.InLayer(entry.LinkName));
                break;
            case TarKind.Special:
                Note(notes, entry.Type switch
                {
                    '3' or '4' => $"Left out the device node '{name}': the platform makes /dev itself.",
                    '6' => $"Left out the fifo '{name}'.",
                    _ => $"Left out '{name}', a kind of entry that layers do not have.",
                });
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>image-spec v1.1, layer.md, "Whiteouts".</summary>
    private static void AddWhiteout(TreeWriter tree, EntryName name)
    {
        var hidden = name.Last[".wh.".Length..];
        if (hidden.SequenceEqual(".wh..opq"u8))
        {
            tree.Opaque(name.Parent);
        }
        else if (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
        {
            throw TreeWriter.Refused(name, "it is a whiteout of nothing");
        }
        else if (!hidden.StartsWith(".wh."u8))
        {
            // What begins with ".wh..wh." is the book-keeping of aufs.
            tree.Whiteout(name.Sibling(hidden));
        }
    }

    /// <summary>The user's own attributes and file capabilities. Others steer overlayfs or are the host's business.</summary>
    private static IEnumerable<(string Name, byte[] Value)> Kept(TarEntry entry, EntryName name, List<string> notes)
    {
        foreach (var attribute in entry.Attributes)
        {
            if (attribute.Name == "security.capability"
                || (attribute.Name.StartsWith("user.", StringComparison.Ordinal) && !attribute.Name.StartsWith("user.overlay.", StringComparison.Ordinal)))
            {
                yield return attribute;
            }
            else
            {
                Note(notes, $"Left out the attribute {EntryName.Show(Encoding.UTF8.GetBytes(attribute.Name))} of '{name}'.");
            }
        }
    }

    private static void Note(List<string> notes, string note)
    {
        if (notes.Count < MaxNotes)
        {
            notes.Add(note);
        }
        else if (notes.Count == MaxNotes)
        {
            notes.Add("More was left out than is listed here.");
        }
    }
}

/// <summary>What one layer may hold at most.</summary>
/// <param name="Bytes">Of the uncompressed tar.</param>
internal sealed record LayerLimits(long Entries, long Bytes)
{
    public static LayerLimits Default { get; } = new(1_000_000, 20L << 30);
}
