using Paas.Oci;

namespace Paas.Builds;

/// <summary>Build images that nobody builds in any more: each is 750 MB, and with an update every week they would fill the disk. Run images
/// stay, because releases of any home on this machine may stand on them.</summary>
internal sealed class StackLeftovers(StackCache cache)
{
    /// <summary>The newest ones stay whatever their age.</summary>
    private const int Kept = 2;

    /// <summary>No build lasts that long: one that began in the old image is over.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>Call it while holding the cache's lock. Can be repeated.</summary>
    /// <returns>Digests of the images that went.</returns>
    public async Task<IReadOnlyList<Digest>> RemoveAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (blobs, snapshots) = (new BlobStore(cache.Blobs), new Snapshots(cache.Snapshots));
        var images = new Images(blobs, snapshots);
        var entries = cache.Entries();
        var newest = entries.OrderByDescending(entry => entry.Made).Take(Kept).Concat(cache.Pointed()).ToList();
        var needed = newest.Concat(entries.Where(entry => now - entry.Made < Age)).SelectMany(entry => new[] { entry.Run, entry.Build })
            .Concat(entries.Select(entry => entry.Run))
            .ToHashSet(StringComparer.Ordinal);
        var held = new HashSet<DiffId>();
        foreach (var digest in needed.Select(Digest.Parse).Where(blobs.Contains))
        {
            held.UnionWith((await images.ReadAsync(digest, cancellationToken)).Config.RootFs.DiffIds);
        }

        var gone = new List<Digest>();
        foreach (var digest in entries.Select(entry => entry.Build).Where(build => !needed.Contains(build)).Distinct(StringComparer.Ordinal).Select(Digest.Parse).Where(blobs.Contains))
        {
            var image = await images.ReadAsync(digest, cancellationToken);
            foreach (var (diffId, layer) in image.Config.RootFs.DiffIds.Zip(image.Manifest.Layers).Where(layer => !held.Contains(layer.First)))
            {
                snapshots.TryDelete(diffId, DateTimeOffset.MaxValue, static () => true);
                blobs.TryDelete(layer.Digest, DateTimeOffset.MaxValue, static () => true);
            }

            blobs.TryDelete(image.Manifest.Config.Digest, DateTimeOffset.MaxValue, static () => true);
            blobs.TryDelete(digest, DateTimeOffset.MaxValue, static () => true);
            gone.Add(digest);
        }

        return gone;
    }
}
