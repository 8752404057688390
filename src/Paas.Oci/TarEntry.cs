namespace Paas.Oci;

internal enum TarKind
{
    File,
    Directory,
    Symlink,
    HardLink,

    /// <summary>Devices, fifos and what no layer should have.</summary>
    Special,
}

/// <summary>Owner, permissions and time of an entry.</summary>
/// <param name="Mode">Permission bits with setuid, setgid and sticky.</param>
/// <param name="Seconds">Since 1970.</param>
internal readonly record struct EntryMetadata(uint Uid, uint Gid, uint Mode, long Seconds, long Nanoseconds = 0)
{
    /// <summary>Parents that nobody described: root's.</summary>
    public static EntryMetadata Parent { get; } = new(0, 0, 0x1ED, LayerTarWriter.NormalTime);
}

/// <summary>One header of a tar, extended headers applied.</summary>
/// <param name="Name">As it stands there: not yet trusted.</param>
/// <param name="LinkName">Of links only.</param>
/// <param name="Size">Bytes of content that follow; 0 for anything but files.</param>
/// <param name="Attributes">Extended attributes.</param>
internal sealed record TarEntry(
    TarKind Kind,
    char Type,
    byte[] Name,
    byte[] LinkName,
    EntryMetadata Metadata,
    long Size,
    IReadOnlyList<(string Name, byte[] Value)> Attributes);
