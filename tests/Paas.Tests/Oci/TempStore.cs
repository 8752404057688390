using System.Formats.Tar;
using System.Text;

namespace Paas.Oci;

/// <summary>A content store in a directory of its own, removed with it, and a folder to make sources in.</summary>
internal sealed class TempStore : IDisposable
{
    public TempStore(LayerLimits? limits = null)
    {
        Root = Directory.CreateTempSubdirectory("paas-oci-").FullName;
        Blobs = new BlobStore(Path.Combine(Root, "blobs"));
        Snapshots = new Snapshots(Path.Combine(Root, "snapshots")) { Limits = limits ?? LayerLimits.Default };
        Source = Directory.CreateDirectory(Path.Combine(Root, "source")).FullName;
    }

    public string Root { get; }

    public BlobStore Blobs { get; }

    public Snapshots Snapshots { get; }

    /// <summary>An empty folder for what goes into a layer.</summary>
    public string Source { get; }

    public Layers Layers => new(Blobs, Snapshots);

    public Images Images => new(Blobs, Snapshots);

    /// <summary>Files or symlinks still in a temporary place; none when all went well or was cleaned.</summary>
    public IEnumerable<string> Leftovers => new[] { "blobs/tmp", "snapshots/tmp" }
        .Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries);

    public void Write(string name, string content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>A tar of these entries and its diff id.</summary>
    public static (MemoryStream Tar, DiffId DiffId) Tar(params IEnumerable<TarEntryTo> entries)
    {
        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry.ToPax());
            }
        }

        stream.Position = 0;
        return (stream, new DiffId(Digest.Of(stream.ToArray())));
    }

    /// <summary>A layer that is not compressed.</summary>
    public sealed record MadeLayer(byte[] Blob, DiffId DiffId);

    /// <inheritdoc cref="Tar"/>
    public static MadeLayer Layer(params IEnumerable<TarEntryTo> entries)
    {
        var (tar, diffId) = Tar(entries);
        return new MadeLayer(tar.ToArray(), diffId);
    }

    /// <summary>Unpacks these entries and returns the snapshot's directory.</summary>
    public async Task<string> Unpack(params IEnumerable<TarEntryTo> entries)
    {
        var (tar, diffId) = Tar(entries);
        await Snapshots.UnpackAsync(tar, diffId, TestContext.Current.CancellationToken);
        return Snapshots.PathOf(diffId)!;
    }

    public void Dispose() => TreeRemoval.Remove(Root);
}

/// <summary>An entry for a test's tar.</summary>
internal sealed record TarEntryTo(System.Formats.Tar.TarEntryType Type, string Name, string Content = "", UnixFileMode Mode = (UnixFileMode)0x1ED, int Uid = 0, int Gid = 0)
{
    public Dictionary<string, string> Pax { get; init; } = [];

    public static TarEntryTo File(string name, string content = "x", UnixFileMode mode = (UnixFileMode)0x1A4) => new(TarEntryType.RegularFile, name, content, mode);

    public static TarEntryTo Folder(string name) => new(TarEntryType.Directory, name);

    public static TarEntryTo Symlink(string name, string target) => new(TarEntryType.SymbolicLink, name, target);

    public static TarEntryTo HardLink(string name, string target) => new(TarEntryType.HardLink, name, target);

    public PaxTarEntry ToPax()
    {
        var entry = new PaxTarEntry(Type, Name, Pax) { Mode = Mode, Uid = Uid, Gid = Gid, ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000) };
        switch (Type)
        {
            case TarEntryType.RegularFile:
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(Content));
                break;
            case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                entry.LinkName = Content;
                break;
            case TarEntryType.CharacterDevice:
                (entry.DeviceMajor, entry.DeviceMinor) = (0, 0);
                break;
        }

        return entry;
    }
}
