using System.IO.Compression;

namespace Paas.Oci;

/// <summary>A layer that exists as a blob and as a snapshot.</summary>
public sealed record Layer(DiffId DiffId, Descriptor Blob)
{
    /// <summary>What was left out, one sentence each, for a build log.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One tree or file that goes into a new layer.</summary>
/// <param name="Path">On the host, through no symbolic link at all; null with <paramref name="Directory"/> for a bare directory.</param>
/// <param name="Name">Where it lies in the layer, relative, '/' separated, no "..".</param>
/// <param name="Uid">Owner inside the image of it and all below; parents that are made belong to root.</param>
/// <param name="Mode">Permission bits of a single file or bare directory; null keeps the host's.</param>
/// <param name="SymlinkTarget">When set, a symbolic link to this text is made and <paramref name="Path"/> is ignored.</param>
/// <param name="Include">Which entries of the tree, by path relative to <paramref name="Path"/>; null: all. A directory that is
/// not included is still made when something in it is.</param>
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
/// <remarks>Hard links become copies, device nodes, sockets and fifos are left out, setuid bits are cleared.</remarks>
public sealed class Layers(BlobStore blobs, Snapshots snapshots)
{
    /// <exception cref="InvalidDataException">A source holds what a layer must not (trust rule 9).</exception>
    public Task<Layer> CreateAsync(IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await using var blob = blobs.CreateWriter();
            await using var gzip = new GZipStream(blob, CompressionLevel.Fastest, leaveOpen: true);
            using var entries = new LayerEntries(snapshots.Limits);
            var (diffId, temporary) = Write(entries, sources, gzip, cancellationToken);
            try
            {
                await gzip.DisposeAsync();
                var (digest, size) = await blob.CommitAsync(null, cancellationToken);
                snapshots.Publish(temporary, diffId);
                return new Layer(diffId, new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = digest, Size = size }) { Notes = entries.Notes is [] ? [] : entries.Notes };
            }
            catch
            {
                snapshots.Discard(temporary);
                throw;
            }
        },
        cancellationToken);

    /// <summary>A layer that only builds on this server ever see (a build's cache): a snapshot without a blob.</summary>
    /// <exception cref="InvalidDataException">A source holds what a layer must not (trust rule 9).</exception>
    public Task<DiffId> CreateSnapshotAsync(IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var entries = new LayerEntries(snapshots.Limits);
            var (diffId, temporary) = Write(entries, sources, null, cancellationToken);
            snapshots.Publish(temporary, diffId);
            return diffId;
        },
        cancellationToken);

    /// <param name="compressed">Null: nobody wants the tar itself.</param>
    private (DiffId DiffId, string Temporary) Write(LayerEntries entries, IReadOnlyList<LayerSource> sources, Stream? compressed, CancellationToken cancellationToken)
    {
        var temporary = snapshots.CreateTemporary();
        try
        {
            using var tree = new TreeWriter(temporary);
            using var output = new TarOutput(compressed, snapshots.Limits.Bytes);
            var writer = new LayerWriter(new LayerTarWriter(output), output, tree, entries);
            foreach (var entry in entries.Collect(sources, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Add(entry, cancellationToken);
            }

            var diffId = writer.Finish();
            return (diffId, temporary);
        }
        catch
        {
            snapshots.Discard(temporary);
            throw;
        }
    }
}
