using System.IO.Compression;

namespace Paas.Oci;

/// <summary>A layer that exists as a blob and as a snapshot.</summary>
public sealed record Layer(DiffId DiffId, Descriptor Blob)
{
    /// <summary>What was left out, one sentence each, for a build log.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>It was there before and is the same: nothing was written.</summary>
    public bool Reused { get; init; }
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
/// gzip "fastest", as blob and snapshot in one pass; one that was made before and is the same is taken as it is.
/// Same input, same digests.</summary>
/// <remarks>Hard links become copies, device nodes, sockets and fifos are left out, setuid bits are cleared.</remarks>
public sealed class Layers(BlobStore blobs, Snapshots snapshots)
{
    /// <summary>True: blob and snapshot are there, and stay for garbage collection's grace time from now on.</summary>
    public bool TryRenew(Layer layer) => snapshots.TryRenew(layer.DiffId) && blobs.TryRenew(layer.Blob.Digest);

    /// <param name="before">A layer that these sources made earlier: where nothing has changed since, nothing is written and this is the result.
    /// Null: none. It is found out by reading, never by times.</param>
    /// <exception cref="InvalidDataException">A source holds what a layer must not (trust rule 9).</exception>
    public Task<Layer> CreateAsync(IReadOnlyList<LayerSource> sources, Layer? before, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            using var entries = new LayerEntries(snapshots.Limits);
            var collected = entries.Collect(sources, cancellationToken).ToList();
            IReadOnlyList<string> notes = entries.Notes is [] ? [] : entries.Notes;
            if (before is not null && TryRenew(before) && IsSame(entries, collected, before.DiffId, cancellationToken))
            {
                return before with { Notes = notes, Reused = true };
            }

            await using var blob = blobs.CreateWriter();
            await using var gzip = new GZipStream(blob, CompressionLevel.Fastest, leaveOpen: true);
            var (diffId, temporary) = Write(entries, collected, gzip, cancellationToken);
            try
            {
                await gzip.DisposeAsync();
                var (digest, size) = await blob.CommitAsync(null, cancellationToken);
                snapshots.Publish(temporary, diffId);
                return new Layer(diffId, new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = digest, Size = size }) { Notes = notes };
            }
            catch
            {
                snapshots.Discard(temporary);
                throw;
            }
        },
        cancellationToken);

    /// <inheritdoc cref="CreateAsync(IReadOnlyList{LayerSource}, Layer?, CancellationToken)"/>
    public Task<Layer> CreateAsync(IReadOnlyList<LayerSource> sources, CancellationToken cancellationToken) => CreateAsync(sources, null, cancellationToken);

    /// <summary>A layer that only builds on this server ever see (a build's cache): a snapshot without a blob.</summary>
    /// <param name="before">As in <see cref="CreateAsync(IReadOnlyList{LayerSource}, Layer?, CancellationToken)"/>.</param>
    /// <exception cref="InvalidDataException">A source holds what a layer must not (trust rule 9).</exception>
    public Task<DiffId> CreateSnapshotAsync(IReadOnlyList<LayerSource> sources, DiffId? before, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var entries = new LayerEntries(snapshots.Limits);
            var collected = entries.Collect(sources, cancellationToken).ToList();
            if (before is { } earlier && snapshots.TryRenew(earlier) && IsSame(entries, collected, earlier, cancellationToken))
            {
                return earlier;
            }

            var (diffId, temporary) = Write(entries, collected, null, cancellationToken);
            snapshots.Publish(temporary, diffId);
            return diffId;
        },
        cancellationToken);

    private bool IsSame(LayerEntries entries, IReadOnlyList<LayerEntry> collected, DiffId before, CancellationToken cancellationToken) =>
        snapshots.PathOf(before) is { } path && new LayerComparison(entries, path).IsSame(collected, cancellationToken);

    /// <param name="compressed">Null: nobody wants the tar itself.</param>
    private (DiffId DiffId, string Temporary) Write(LayerEntries entries, IReadOnlyList<LayerEntry> collected, Stream? compressed, CancellationToken cancellationToken)
    {
        var temporary = snapshots.CreateTemporary();
        try
        {
            using var tree = new TreeWriter(temporary);
            using var output = new TarOutput(compressed, snapshots.Limits.Bytes);
            var writer = new LayerWriter(new LayerTarWriter(output), output, tree, entries);
            foreach (var entry in collected)
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
