using System.Globalization;
using Paas.Engine.Native.Disk;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Roots;

/// <summary>Short names for lower directories: &lt;state&gt;/l/1, l/2 ... With a user namespace each is an idmapped read-only mount
/// of its snapshot, else a symbolic link to it. An overlay keeps its own reference, so a name can go while overlays on it live.</summary>
internal sealed class Lowers(string directory, UserNamespace? ids)
{
    /// <summary>Mounts kept ready; the longest unused go first.</summary>
    private const int Most = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Number, long Used)> _names = new(StringComparer.Ordinal);
    private long _clock;
    private int _last;

    public string Directory { get; } = directory;

    /// <summary>Removes what an earlier run of control left. Running sandboxes do not notice.</summary>
    public void Clear()
    {
        System.IO.Directory.CreateDirectory(Directory);
        foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(Directory))
        {
            Remove(entry);
        }
    }

    /// <summary>Calls <paramref name="mount"/> in the directory of the names, with the names in the order of the paths, while none of them can go.</summary>
    public void With(IReadOnlyList<string> paths, Action<IReadOnlyList<string>> mount)
    {
        lock (_gate)
        {
            System.IO.Directory.CreateDirectory(Directory);
            var names = paths.Select(NameOf).ToArray();
            InDirectory.Run(Directory, () => mount(names));
            Trim();
        }
    }

    private string NameOf(string path)
    {
        if (!_names.TryGetValue(path, out var known) || !IsStill(known.Number, path))
        {
            known = (++_last, 0);
            var target = Path.Combine(Directory, Text(known.Number));
            if (ids is null)
            {
                File.CreateSymbolicLink(target, path);
            }
            else
            {
                System.IO.Directory.CreateDirectory(target);
                MountTree.AttachIdMapped(path, target, ids.Descriptor);
            }
        }

        _names[path] = (known.Number, ++_clock);
        return Text(known.Number);
    }

    /// <summary>Garbage collection may have removed the snapshot, and a later start unpacked it anew: the name would then show an empty
    /// directory that is no longer there. It holds that directory's inode, so no other can have got its number.</summary>
    private bool IsStill(int number, string path)
    {
        var name = Path.Combine(Directory, Text(number));
        if (new FileInfo(name).LinkTarget is not null || DirectoryTree.InodeOf(name) == DirectoryTree.InodeOf(path))
        {
            return true;
        }

        Remove(name);
        return false;
    }

    private void Trim()
    {
        foreach (var (path, (number, _)) in _names.OrderBy(name => name.Value.Used).Take(Math.Max(0, _names.Count - Most)).ToArray())
        {
            Remove(Path.Combine(Directory, Text(number)));
            _names.Remove(path);
        }
    }

    private static void Remove(string entry)
    {
        if (new FileInfo(entry).LinkTarget is not null)
        {
            File.Delete(entry);
            return;
        }

        Overlay.Unmount(entry);
        System.IO.Directory.Delete(entry);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
