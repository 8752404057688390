namespace Paas.Oci;

/// <summary>Whether a layer to be made has exactly what a snapshot has, by names, types, modes, owners and bytes: then its tar would be the
/// same to the last bit, and need not be written. Times count for nothing: a build can set them, and a layer has none.</summary>
/// <param name="snapshot">Of a layer that <see cref="Layers"/> made: in normal form, without whiteouts.</param>
internal sealed class LayerComparison(LayerEntries entries, string snapshot)
{
    private const int BufferSize = 256 << 10;

    private static readonly bool KeepsOwners = Environment.IsPrivilegedProcess;

    private readonly byte[] _mine = new byte[BufferSize];
    private readonly byte[] _theirs = new byte[BufferSize];

    /// <param name="collected">As <see cref="LayerEntries.Collect"/> gives them: parents before what is in them.</param>
    public bool IsSame(IReadOnlyList<LayerEntry> collected, CancellationToken cancellationToken)
    {
        using var root = new Fd((int)Posix.Check(
            Posix.OpenAt(Posix.WorkingDirectory, Posix.Terminated(snapshot), Posix.ReadOnly | Posix.DirectoryOnly | Posix.NoFollow | Posix.CloseOnExec, 0), "open", snapshot));

        // What costs little first: most layers that changed have another size somewhere.
        return HasSameEntries(root, collected, cancellationToken)
            && collected.Where(entry => entry.Kind == LayerEntryKind.File && entry.Size > 0).All(entry => HasSameBytes(root, entry, cancellationToken));
    }

    private static bool HasSameEntries(Fd root, IReadOnlyList<LayerEntry> collected, CancellationToken cancellationToken)
    {
        var there = Count(root, EntryName.Root);
        foreach (var entry in collected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Name.IsRoot)
            {
                continue;
            }

            // Through no link: each parent was found to be a directory before.
            if (--there < 0 || !Posix.TryStat(root.Number, entry.Name.Terminated(), Posix.SymlinkNoFollow, out var stat) || !Fits(root, entry, stat))
            {
                return false;
            }

            if (entry.Kind == LayerEntryKind.Directory)
            {
                there += Count(root, entry.Name);
            }
        }

        return there == 0;
    }

    private static bool Fits(Fd root, LayerEntry entry, Posix.FileStat stat)
    {
        if (KeepsOwners && (stat.Uid != entry.Uid || stat.Gid != entry.Gid))
        {
            return false;
        }

        return entry.Kind switch
        {
            LayerEntryKind.Directory => stat.Type == Posix.Directory && (stat.Mode & ~Posix.TypeMask) == entry.Mode,
            LayerEntryKind.File => stat.Type == Posix.Regular && (stat.Mode & ~Posix.TypeMask) == entry.Mode && stat.Size == entry.Size,
            LayerEntryKind.Symlink => stat.Type == Posix.Symlink && LayerEntries.ReadLink(root.Number, entry.Name.Terminated(), entry.Name).AsSpan().SequenceEqual(entry.Target),
            _ => false,
        };
    }

    /// <summary>A descriptor of its own each time: reading a directory moves it.</summary>
    private static int Count(Fd root, EntryName directory)
    {
        using var opened = new Fd((int)Posix.Check(Posix.OpenBeneath(root.Number, directory.Terminated(), Posix.ReadOnly | Posix.DirectoryOnly), "open", directory.ToString()));
        return DirectoryListing.Read(opened, directory.ToString()).Count;
    }

    private bool HasSameBytes(Fd root, LayerEntry entry, CancellationToken cancellationToken)
    {
        var what = entry.Name.ToString();
        using var mine = entries.Open(entry);
        using var theirs = new Fd((int)Posix.Check(Posix.OpenBeneath(root.Number, entry.Name.Terminated(), Posix.ReadOnly), "open", what));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Fill(mine, _mine, what);
            if (count != Fill(theirs, _theirs, what) || !_mine.AsSpan(0, count).SequenceEqual(_theirs.AsSpan(0, count)))
            {
                return false;
            }

            if (count < BufferSize)
            {
                return true;
            }
        }
    }

    private static int Fill(Fd file, byte[] buffer, string what)
    {
        var filled = 0;
        while (filled < buffer.Length && Posix.ReadSome(file.Number, buffer.AsSpan(filled), what) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }
}
