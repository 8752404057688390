using System.Runtime.InteropServices;

namespace Paas.Oci;

/// <summary>Makes the files of one layer below a directory of its own. Every path is opened beneath that directory and through no symbolic link,
/// so nothing that an entry says can lead outside (trust rule 9).</summary>
/// <remarks>Without root, owners stay the caller's: for tests.</remarks>
internal sealed class TreeWriter : IDisposable
{
    private const uint Private = 0x180; // 0600
    private const uint PrivateDirectory = 0x1C0; // 0700

    private static readonly bool KeepsOwners = Environment.IsPrivilegedProcess;

    private readonly Fd _root;
    private readonly Dictionary<EntryName, EntryMetadata> _directories = [];
    private Fd _parent = new(-1);
    private EntryName? _parentName;

    public TreeWriter(string directory)
    {
        _root = new Fd((int)Posix.Check(
            Posix.OpenAt(Posix.WorkingDirectory, Posix.Terminated(directory), Posix.ReadOnly | Posix.DirectoryOnly | Posix.NoFollow | Posix.CloseOnExec, 0), "open", directory));
        _directories[EntryName.Root] = EntryMetadata.Parent;
    }

    /// <summary>Makes it, or describes one that is there; its metadata is set at the end, when nothing is written into it any more.</summary>
    public void Directory(EntryName name, EntryMetadata metadata)
    {
        if (!name.IsRoot && Posix.MakeDirectory(Parent(name), Last(name), PrivateDirectory) < 0)
        {
            MeetExisting(name);
        }

        _directories[name] = metadata;
    }

    /// <summary>An empty file, open for writing; to be handed to <see cref="Finish(Fd, EntryName, EntryMetadata)"/> and closed by the caller.</summary>
    public Fd File(EntryName name)
    {
        var (parent, last) = (Parent(name), Last(name));
        const int flags = Posix.WriteOnly | Posix.Create | Posix.Exclusive | Posix.CloseOnExec;
        var file = Posix.OpenAt(parent, last, flags | Posix.NoFollow, Private);
        if (file < 0)
        {
            MakeWay(parent, last, name);
            file = (int)Posix.Check(Posix.OpenAt(parent, last, flags | Posix.NoFollow, Private), "create", name.ToString());
        }

        return new Fd(file);
    }

    /// <summary>A whole file of a tar, with its metadata; still open, and to be closed by the caller.</summary>
    public Fd File(EntryName name, EntryMetadata metadata, LayerTarReader tar, CancellationToken cancellationToken)
    {
        var file = File(name);
        try
        {
            for (var piece = tar.ReadContent(); !piece.IsEmpty; piece = tar.ReadContent())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Posix.WriteAll(file.Number, piece, name.ToString());
            }

            Finish(file, name, metadata);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static void Finish(Fd file, EntryName name, EntryMetadata metadata)
    {
        var what = name.ToString();
        if (KeepsOwners)
        {
            Posix.Check(Posix.ChangeOwner(file.Number, metadata.Uid, metadata.Gid), "change the owner of", what);
        }

        // After the owner: chown(2) clears setuid.
        Posix.Check(Posix.ChangeMode(file.Number, metadata.Mode), "change the mode of", what);
        Posix.SetTimes(file.Number, metadata.Seconds, metadata.Nanoseconds, what);
    }

    /// <summary>After <see cref="Finish(Fd, EntryName, EntryMetadata)"/>: a change of owner clears file capabilities.</summary>
    public static void SetAttribute(Fd file, EntryName name, string attribute, ReadOnlySpan<byte> value)
    {
        var bytes = value.ToArray();
        Posix.Check(Posix.SetAttribute(file.Number, Posix.Terminated(attribute), bytes, (nuint)bytes.Length, 0), $"set the attribute {attribute} of", name.ToString());
    }

    public void Symlink(EntryName name, ReadOnlySpan<byte> target, EntryMetadata metadata)
    {
        if (target.IsEmpty || target.Length > EntryName.MaxLength || target.Contains((byte)0))
        {
            throw Refused(name, "the target of a symbolic link is empty, too long or has a zero byte");
        }

        var (parent, last, text) = (Parent(name), Last(name), Posix.Terminated(target));
        if (Posix.MakeSymlink(text, parent, last) < 0)
        {
            MakeWay(parent, last, name);
            Posix.Check(Posix.MakeSymlink(text, parent, last), "create", name.ToString());
        }

        if (KeepsOwners)
        {
            Posix.Check(Posix.ChangeOwnerAt(parent, last, metadata.Uid, metadata.Gid, Posix.SymlinkNoFollow), "change the owner of", name.ToString());
        }

        Posix.SetLinkTimes(parent, last, metadata.Seconds, metadata.Nanoseconds, name.ToString());
    }

    /// <summary>A second name of a file or symbolic link of this same layer.</summary>
    public void HardLink(EntryName name, EntryName target)
    {
        using var from = new Fd(Posix.OpenBeneath(_root.Number, target.Parent.Terminated(), Posix.PathOnly | Posix.DirectoryOnly));
        if (target.IsRoot || from.Number < 0 || !Posix.TryStat(from.Number, Last(target), Posix.SymlinkNoFollow, out var stat) || stat.Type is not (Posix.Regular or Posix.Symlink))
        {
            throw Refused(name, $"it is a hard link to '{target}', which is no file of this layer");
        }

        if (name.Equals(target))
        {
            return;
        }

        var (parent, last) = (Parent(name), Last(name));
        if (Posix.Link(from.Number, Last(target), parent, last, 0) < 0)
        {
            MakeWay(parent, last, name);
            Posix.Check(Posix.Link(from.Number, Last(target), parent, last, 0), "link", name.ToString());
        }
    }

    /// <summary>"Deleted here", as overlayfs says it: a character device 0/0 (kernel documentation, overlayfs, "whiteouts and opaque directories").</summary>
    public void Whiteout(EntryName name)
    {
        var (parent, last) = (Parent(name), Last(name));
        if (Posix.MakeNode(parent, last, Posix.CharDevice, 0) == 0)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() != Posix.Exists || !Posix.TryStat(parent, last, Posix.SymlinkNoFollow, out var stat))
        {
            throw Posix.Failure("create the whiteout", name.ToString());
        }

        // It hides what lower layers have, not what this layer has (image-spec v1.1, layer.md, "Whiteouts").
        if (stat.Type == Posix.Directory)
        {
            Opaque(name);
        }
    }

    /// <summary>Nothing of the lower layers shows in this directory.</summary>
    public void Opaque(EntryName name)
    {
        if (!name.IsRoot && Posix.MakeDirectory(Parent(name), Last(name), PrivateDirectory) < 0)
        {
            MeetExisting(name);
        }

        _directories.TryAdd(name, EntryMetadata.Parent);
        using var directory = OpenDirectory(name);
        SetAttribute(directory, name, "trusted.overlay.opaque", "y"u8);
    }

    /// <summary>An extended attribute of a directory that is there.</summary>
    public void SetDirectoryAttribute(EntryName name, string attribute, ReadOnlySpan<byte> value)
    {
        using var directory = OpenDirectory(name);
        SetAttribute(directory, name, attribute, value);
    }

    /// <summary>Sets what directories are to have, children first, and waits until the whole tree is on disk.</summary>
    public void Finish()
    {
        Forget();
        foreach (var (name, metadata) in _directories.OrderByDescending(directory => directory.Key))
        {
            using var directory = OpenDirectory(name);
            Finish(directory, name, metadata);
        }

        Posix.Check(Posix.SyncFileSystem(_root.Number), "sync", "the snapshot");
    }

    public void Dispose()
    {
        Forget();
        _root.Dispose();
    }

    /// <summary>The directory of an entry, made if it is missing. Entries of one directory mostly follow each other.</summary>
    private int Parent(EntryName name)
    {
        if (name.IsRoot)
        {
            throw Refused(name, "it replaces the root directory");
        }

        var parent = name.Parent;
        if (_parentName is { } last && last.Equals(parent))
        {
            return _parent.Number;
        }

        Forget();
        _parent = new Fd(OpenOrMake(parent, name));
        _parentName = parent;
        return _parent.Number;
    }

    private int OpenOrMake(EntryName directory, EntryName name)
    {
        var path = directory.Terminated();
        var opened = Posix.OpenBeneath(_root.Number, path, Posix.PathOnly | Posix.DirectoryOnly);
        if (opened >= 0)
        {
            return opened;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Posix.NoEntry:
                using (var above = new Fd(OpenOrMake(directory.Parent, name)))
                {
                    Posix.Check(Posix.MakeDirectory(above.Number, Last(directory), PrivateDirectory), "create", directory.ToString());
                }

                _directories[directory] = EntryMetadata.Parent;
                return (int)Posix.Check(Posix.OpenBeneath(_root.Number, path, Posix.PathOnly | Posix.DirectoryOnly), "open", directory.ToString());
            case Posix.Loop:
                throw Refused(name, "a symbolic link stands in its path");
            case Posix.NotDirectory:
                throw Refused(name, "something that is no directory stands in its path");
            default:
                throw Posix.Failure("open", directory.ToString());
        }
    }

    /// <summary>A directory entry whose name exists.</summary>
    private void MeetExisting(EntryName name)
    {
        var (error, parent, last) = (Marshal.GetLastPInvokeError(), Parent(name), Last(name));
        if (error != Posix.Exists || !Posix.TryStat(parent, last, Posix.SymlinkNoFollow, out var stat))
        {
            throw Posix.Failure("create", name.ToString());
        }

        if (stat.Type == Posix.Directory)
        {
            return;
        }

        if (!stat.IsWhiteout)
        {
            throw Refused(name, "the layer has it as a directory and as something else");
        }

        Posix.Check(Posix.Unlink(parent, last, 0), "replace", name.ToString());
        Posix.Check(Posix.MakeDirectory(parent, last, PrivateDirectory), "create", name.ToString());
        Opaque(name);
    }

    /// <summary>The last entry of a name wins, as with tar; but a directory never gives way.</summary>
    private static void MakeWay(int parent, byte[] last, EntryName name)
    {
        if (Marshal.GetLastPInvokeError() != Posix.Exists)
        {
            throw Posix.Failure("create", name.ToString());
        }

        if (Posix.Unlink(parent, last, 0) < 0)
        {
            throw Marshal.GetLastPInvokeError() == Posix.IsDirectory
                ? Refused(name, "the layer has it as a directory and as something else")
                : Posix.Failure("replace", name.ToString());
        }
    }

    private Fd OpenDirectory(EntryName name) =>
        new((int)Posix.Check(Posix.OpenBeneath(_root.Number, name.Terminated(), Posix.ReadOnly | Posix.DirectoryOnly), "open", name.ToString()));

    private void Forget()
    {
        _parent.Dispose();
        _parent = new Fd(-1);
        _parentName = null;
    }

    private static byte[] Last(EntryName name) => Posix.Terminated(name.Last);

    internal static InvalidDataException Refused(EntryName name, string why) =>
        new($"The entry '{name}' is refused: {why}.");
}
