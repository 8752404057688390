using System.Diagnostics;

namespace Paas.Oci;

/// <summary>Writes each entry of a new layer twice: into its tar and into its snapshot; files are read once.</summary>
internal sealed class LayerWriter(LayerTarWriter tar, TarOutput output, TreeWriter tree, LayerEntries entries)
{
    private readonly byte[] _buffer = new byte[256 << 10];

    public void Add(LayerEntry entry, CancellationToken cancellationToken)
    {
        var metadata = new EntryMetadata(entry.Uid, entry.Gid, entry.Mode, LayerTarWriter.NormalTime);
        switch (entry.Kind)
        {
            case LayerEntryKind.Directory:
                tar.Directory(entry.Name, entry.Uid, entry.Gid, entry.Mode);
                tree.Directory(entry.Name, metadata);
                break;
            case LayerEntryKind.Symlink:
                tar.Symlink(entry.Name, entry.Target, entry.Uid, entry.Gid);
                tree.Symlink(entry.Name, entry.Target, metadata);
                break;
            case LayerEntryKind.File:
                tar.File(entry.Name, entry.Size, entry.Uid, entry.Gid, entry.Mode);
                using (var file = tree.File(entry.Name))
                {
                    Copy(entry, file, cancellationToken);
                    TreeWriter.Finish(file, entry.Name, metadata);
                }

                tar.EndFile(entry.Size);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public DiffId Finish()
    {
        tar.Finish();
        var diffId = output.Finish();
        tree.Finish();
        return diffId;
    }

    private void Copy(LayerEntry entry, Fd to, CancellationToken cancellationToken)
    {
        var what = entry.Name.ToString();
        using var from = entries.Open(entry);
        for (var left = entry.Size; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Posix.ReadSome(from.Number, _buffer.AsSpan(0, (int)Math.Min(left, _buffer.Length)), what);
            if (count == 0)
            {
                throw new InvalidDataException($"'{what}' became shorter while it was read into a layer.");
            }

            var piece = _buffer.AsSpan(0, count);
            output.Write(piece);
            Posix.WriteAll(to.Number, piece, what);
            left -= count;
        }
    }
}
