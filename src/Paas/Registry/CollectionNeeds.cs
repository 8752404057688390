using System.Text.Json;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>What the platform needs of the content store whatever the registry's rows say: asked from every slice that registered, and read
/// through to the last layer. It only grows during a collection.</summary>
/// <param name="fresh">So old may the answers be when something is deleted: less than the grace, because what became needed since has a
/// younger lease.</param>
internal sealed class CollectionNeeds(IEnumerable<ContentRoots> sources, Images images, BlobStore blobs, TimeSpan fresh, TimeProvider time)
{
    private const int MaxDepth = 4;

    private readonly HashSet<(Digest Image, bool Unpacked)> _read = [];
    private readonly HashSet<Digest> _images = [];
    private readonly HashSet<Digest> _blobs = [];
    private readonly HashSet<DiffId> _snapshots = [];
    private DateTimeOffset _askedAt = DateTimeOffset.MinValue;

    /// <summary>A manifest that something was made from: it stays also where no tag names it.</summary>
    public bool NeedsImage(Digest manifest) => _images.Contains(manifest);

    public bool NeedsBlob(Digest digest) => _blobs.Contains(digest);

    public bool NeedsSnapshot(DiffId diffId) => _snapshots.Contains(diffId);

    /// <exception cref="CollectionStoppedException">Something could not be read.</exception>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - _askedAt < fresh)
        {
            return;
        }

        _askedAt = time.GetUtcNow();
        foreach (var root in All())
        {
            _blobs.UnionWith(root.Blobs);
            _snapshots.UnionWith(root.Snapshots);
            if (root.Image is { } image && _read.Add((image, root.Unpacked)))
            {
                await ReadAsync(root.Owner, image, root.Unpacked, cancellationToken);
            }
        }
    }

    private List<ContentRoot> All()
    {
        try
        {
            return [.. sources.SelectMany(source => source()), .. images.Uses.All.Select(image => new ContentRoot("something that runs now") { Image = image, Unpacked = true })];
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new CollectionStoppedException($"It cannot be told what is in use, so nothing is deleted: {error.Message}", error);
        }
    }

    private async Task ReadAsync(string owner, Digest digest, bool unpacked, CancellationToken cancellationToken)
    {
        try
        {
            _images.Add(digest);
            var image = await images.ReadAsync(digest, cancellationToken);
            await AddAsync(digest, 0, cancellationToken);
            foreach (var (diffId, layer) in image.Config.RootFs.DiffIds.Zip(image.Manifest.Layers))
            {
                // One without its blob could never be unpacked again.
                if (unpacked || !blobs.Contains(layer.Digest))
                {
                    _snapshots.Add(diffId);
                }
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or JsonException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CollectionStoppedException(
                $"The image {digest} of {owner} cannot be read, so it cannot be told what it needs and nothing is deleted ({error.Message}). "
                + "Put its files back from a backup, or destroy the app, or deploy it until that release is no longer kept.",
                error);
        }
    }

    private async Task AddAsync(Digest digest, int depth, CancellationToken cancellationToken)
    {
        _images.Add(digest);
        _blobs.Add(digest);
        var content = await blobs.ReadAsync(digest, cancellationToken);
        if (!OciJson.IsIndex(content))
        {
            var manifest = JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest) ?? throw new JsonException("It is null.");
            _blobs.Add(manifest.Config.Digest);
            _blobs.UnionWith(manifest.Layers.Select(layer => layer.Digest));
            return;
        }

        var index = JsonSerializer.Deserialize(content, OciJson.Canonical.ImageIndex) ?? throw new JsonException("It is null.");
        foreach (var child in index.Manifests.Select(child => child.Digest))
        {
            _blobs.Add(child);
            // Only this machine's image has to be there.
            if (depth < MaxDepth && blobs.Contains(child))
            {
                await AddAsync(child, depth + 1, cancellationToken);
            }
        }
    }
}
