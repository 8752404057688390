namespace Paas.Oci;

/// <summary>Unpacked layers by diff id, immutable, with the image's own ids: what overlayfs mounts as lower directories.
/// snapshots/&lt;algorithm&gt;/&lt;2 hex&gt;/&lt;hex&gt;/ under one writable and any number of read-only roots.</summary>
public sealed class Snapshots(string root, params IReadOnlyList<string> readOnlyRoots)
{
    /// <summary>Null when no root has it.</summary>
    public string? PathOf(DiffId diffId) => throw new NotSupportedException($"{root} {readOnlyRoots} {diffId}");

    public bool Contains(DiffId diffId) => PathOf(diffId) is not null;

    /// <summary>Unpacks a layer (tar, gzip or zstd told by its first bytes) unless it is there. Whiteouts become overlayfs's own.
    /// Trust rule 9 holds: never outside, hard links within, device nodes dropped, bombs refused.</summary>
    /// <exception cref="DigestMismatchException">The tar has another diff id.</exception>
    /// <exception cref="InvalidDataException">The layer breaks a rule; the message names entry and rule.</exception>
    public Task UnpackAsync(Stream layer, DiffId expected, CancellationToken cancellationToken) => throw new NotSupportedException();
}
