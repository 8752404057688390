using System.Runtime.InteropServices;
using System.Text;

namespace Paas.Oci;

internal enum LayerEntryKind
{
    File,
    Directory,
    Symlink,
}

/// <summary>One entry of a layer to be made.</summary>
/// <param name="Source">Which of the sources it is read from; -1: none.</param>
/// <param name="HostPath">Below that source; empty: the source itself.</param>
/// <param name="Size">Bytes, of files.</param>
/// <param name="Target">Of symbolic links.</param>
/// <param name="OnlyAsParent">A directory that was not asked for: made when something in it is.</param>
internal sealed record LayerEntry(
    EntryName Name,
    LayerEntryKind Kind,
    uint Uid,
    uint Gid,
    uint Mode,
    int Source = -1,
    byte[]? HostPath = null,
    long Size = 0,
    byte[]? Target = null,
    bool OnlyAsParent = false);

/// <summary>Lists what goes into a layer. Sources were written by an untrusted build: no symbolic link is ever followed,
/// neither in the path of a source nor in it (trust rule 9).</summary>
internal sealed class LayerEntries(LayerLimits limits) : IDisposable
{
    private const uint FilePermissions = 0x1FF; // 0777: a build has no business with setuid
    private const uint DirectoryPermissions = 0x3FF; // 01777

    private readonly List<LayerEntry> _entries = [];
    private readonly List<string> _notes = [];
    private readonly List<Fd> _roots = [];

    /// <summary>What was left out.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Depth first and sorted by bytes, each name once, with the parents that nobody listed.</summary>
    public IEnumerable<LayerEntry> Collect(IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            Add(source, cancellationToken);
        }

        // Stable: of entries with one name, the last source's comes last and wins.
        var sorted = _entries.OrderBy(entry => entry.Name).ToList();
        var parents = new Dictionary<EntryName, LayerEntry>();
        var made = new HashSet<EntryName>();
        for (var index = 0; index < sorted.Count; index++)
        {
            var entry = sorted[index];
            if (index + 1 < sorted.Count && sorted[index + 1].Name.Equals(entry.Name))
            {
                sorted[index + 1] = Merge(entry, sorted[index + 1]);
                continue;
            }

            if (entry.OnlyAsParent)
            {
                parents[entry.Name] = entry;
                continue;
            }

            foreach (var parent in MissingParents(entry.Name, parents, made))
            {
                yield return parent;
            }

            if (entry.Kind == LayerEntryKind.Directory)
            {
                made.Add(entry.Name);
            }

            yield return entry;
        }
    }

    /// <summary>A file's bytes, to read; through no symbolic link.</summary>
    public Fd Open(LayerEntry entry)
    {
        var root = _roots[entry.Source].Number;
        // NonBlock: should a fifo stand there now, nobody waits for its writer.
        const int flags = Posix.ReadOnly | Posix.NonBlock;
        var opened = entry.HostPath is { Length: > 0 } path
            ? Posix.OpenBeneath(root, Posix.Terminated(path), flags)
            : Posix.OpenAt(Posix.WorkingDirectory, Posix.Terminated($"/proc/self/fd/{root}"), flags | Posix.CloseOnExec, 0);
        return new Fd((int)Posix.Check(opened, "open", entry.Name.ToString()));
    }

    public void Dispose() => _roots.ForEach(root => root.Dispose());

    private static LayerEntry Merge(LayerEntry earlier, LayerEntry later)
    {
        if ((earlier.Kind == LayerEntryKind.Directory) != (later.Kind == LayerEntryKind.Directory))
        {
            throw new InvalidDataException($"'{later.Name}' would be a directory and something else in one layer.");
        }

        return later.OnlyAsParent && !earlier.OnlyAsParent ? earlier : later;
    }

    private static IEnumerable<LayerEntry> MissingParents(EntryName name, Dictionary<EntryName, LayerEntry> known, HashSet<EntryName> made)
    {
        var missing = new Stack<EntryName>();
        for (var parent = name.Parent; !parent.IsRoot && made.Add(parent); parent = parent.Parent)
        {
            missing.Push(parent);
        }

        return missing.Select(parent => known.GetValueOrDefault(parent) ?? new LayerEntry(parent, LayerEntryKind.Directory, 0, 0, EntryMetadata.Parent.Mode));
    }

    private void Add(LayerSource source, CancellationToken cancellationToken)
    {
        var name = EntryName.Parse(source.Name);
        var (uid, gid) = ((uint)source.Uid, (uint)source.Gid);
        if (source.SymlinkTarget is { } target)
        {
            Add(new LayerEntry(name, LayerEntryKind.Symlink, uid, gid, FilePermissions, Target: Encoding.UTF8.GetBytes(target)));
        }
        else if (source.Path is null)
        {
            Add(new LayerEntry(name, LayerEntryKind.Directory, uid, gid, (uint?)source.Mode ?? EntryMetadata.Parent.Mode));
        }
        else
        {
            _roots.Add(OpenRoot(source));
            AddFound(source, name, [], cancellationToken);
        }
    }

    private static Fd OpenRoot(LayerSource source)
    {
        var path = Path.GetFullPath(source.Path!);
        var opened = Posix.OpenWithoutSymlinks(Posix.Terminated(path), Posix.PathOnly | Posix.NoFollow);
        return opened >= 0
            ? new Fd(opened)
            : throw (Marshal.GetLastPInvokeError() == Posix.Loop
                ? new InvalidDataException($"'{source.Name}' cannot go into a layer: its path '{path}' leads through a symbolic link.")
                : Posix.Failure("open", path));
    }

    /// <summary>The root of a source and, when it is a directory, everything below.</summary>
    private void AddFound(LayerSource source, EntryName name, byte[] path, CancellationToken cancellationToken)
    {
        var root = _roots[^1];
        var directories = new Stack<EntryName>();
        Visit(source, name, EntryName.Parse(path), directories);
        while (directories.TryPop(out var below))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var directory = new Fd((int)Posix.Check(
                Posix.OpenBeneath(root.Number, below.Terminated(), Posix.ReadOnly | Posix.DirectoryOnly), "open", below.ToString()));
            foreach (var child in DirectoryListing.Read(directory, below.ToString()))
            {
                var childPath = below.Join(child.Span);
                Visit(source, name.Join(childPath.Bytes), childPath, directories, directory);
            }
        }
    }

    /// <param name="below">Path of the entry below the source's root.</param>
    /// <param name="directories">Gets it when it is a directory.</param>
    /// <param name="parent">Open directory that holds it; null: it is the root itself.</param>
    private void Visit(LayerSource source, EntryName name, EntryName below, Stack<EntryName> directories, Fd? parent = null)
    {
        var (at, last) = parent is { } directory ? (directory.Number, Posix.Terminated(below.Last)) : (_roots[^1].Number, [0]);
        if (!Posix.TryStat(at, last, Posix.SymlinkNoFollow | Posix.EmptyPath, out var stat))
        {
            throw Posix.Failure("read", name.ToString());
        }

        var wanted = source.Include is null || below.IsRoot || source.Include(Encoding.UTF8.GetString(below.Bytes));
        if (stat.Type == Posix.Directory)
        {
            directories.Push(below);
            if (!name.IsRoot)
            {
                Add(Entry(LayerEntryKind.Directory, DirectoryPermissions) with { OnlyAsParent = !wanted });
            }
        }
        else if (!wanted)
        {
        }
        else if (name.Last.StartsWith(".wh."u8))
        {
            throw new InvalidDataException($"'{name}' cannot be in an image: names that begin with '.wh.' mark deletions there. Rename it or remove it before the build.");
        }
        else if (stat.Type == Posix.Regular)
        {
            Add(Entry(LayerEntryKind.File, FilePermissions) with { Size = stat.Size });
        }
        else if (stat.Type == Posix.Symlink)
        {
            Add(Entry(LayerEntryKind.Symlink, FilePermissions) with { Target = ReadLink(at, last, name) });
        }
        else if (_notes.Count < 100)
        {
            _notes.Add($"Left out '{name}': sockets, fifos and device nodes do not go into images.");
        }

        LayerEntry Entry(LayerEntryKind kind, uint permissions)
        {
            var mode = (below.IsRoot && kind != LayerEntryKind.Symlink ? (uint?)source.Mode : null) ?? stat.Mode & permissions;
            mode |= source.GroupLikeOwner ? (mode & 0x1C0) >> 3 : 0;
            return new LayerEntry(name, kind, (uint)source.Uid, (uint)source.Gid, mode, _roots.Count - 1, below.Bytes.ToArray());
        }
    }

    internal static unsafe byte[] ReadLink(int at, byte[] last, EntryName name)
    {
        var buffer = stackalloc byte[EntryName.MaxLength + 1];
        var length = (int)Posix.Check(Posix.ReadLink(at, last, buffer, EntryName.MaxLength + 1), "read the link", name.ToString());
        return new Span<byte>(buffer, length).ToArray();
    }

    private void Add(LayerEntry entry)
    {
        if (_entries.Count >= limits.Entries)
        {
            throw new InvalidDataException($"The layer is refused: it has more than {limits.Entries} entries.");
        }

        _entries.Add(entry);
    }
}
