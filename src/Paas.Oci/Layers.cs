namespace Paas.Oci;

/// <summary>A layer that exists as a blob and as a snapshot.</summary>
public sealed record Layer(DiffId DiffId, Descriptor Blob);

/// <summary>One tree or file that goes into a new layer.</summary>
/// <param name="Path">On the host; null with <paramref name="Directory"/> for a bare directory.</param>
/// <param name="Name">Where it lies in the layer, relative, '/' separated, no "..".</param>
/// <param name="Uid">Owner inside the image of it and all below; parents that are made belong to root.</param>
/// <param name="Mode">Permission bits of a single file or bare directory; null keeps the host's.</param>
/// <param name="SymlinkTarget">When set, a symbolic link to this text is made and <paramref name="Path"/> is ignored.</param>
/// <param name="Include">Which entries of the tree, by path relative to <paramref name="Path"/>; null: all.</param>
/// <param name="GroupLikeOwner">Give the group the owner's permission bits (app files; architecture, "Inside an instance").</param>
public sealed record LayerSource(
    string? Path,
    string Name,
    int Uid,
    int Gid,
    bool Directory = false,
    int? Mode = null,
    string? SymlinkTarget = null,
    Func<string, bool>? Include = null,
    bool GroupLikeOwner = false);

/// <summary>Makes layers in tar normal form (CNB platform spec 0.15, "Layers": sorted, mtime 1980-01-01T00:00:01Z, no names),
/// gzip "fastest", as blob and snapshot in one pass. Same input, same digests.</summary>
public sealed class Layers(BlobStore blobs, Snapshots snapshots)
{
    /// <exception cref="InvalidDataException">A source holds what a layer must not (trust rule 9).</exception>
    public Task<Layer> CreateAsync(IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken) => throw new NotSupportedException($"{blobs} {snapshots} {sources}");
}
