using System.Runtime.InteropServices;
using System.Text.Json;

namespace Paas.Oci;

/// <summary>Images in a content store: reads them, and makes sure that their layers are unpacked.</summary>
public sealed class Images(BlobStore blobs, Snapshots snapshots)
{
    /// <summary>An index in an index in an index ... is nobody's honest image.</summary>
    private const int MaxDepth = 4;

    /// <summary>As the image specification (Go) writes this machine's architecture.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => throw new PlatformNotSupportedException($"The platform does not run on {other}."),
    };

    /// <summary>Those that something in this process runs from.</summary>
    public ImageUses Uses { get; } = new();

    /// <summary>Reads manifest and config; an index resolves to this machine's platform.</summary>
    /// <exception cref="FileNotFoundException">A blob is missing.</exception>
    /// <exception cref="InvalidDataException">Not an image.</exception>
    public Task<Image> ReadAsync(Digest manifest, CancellationToken cancellationToken) => ReadAsync(manifest, 0, cancellationToken);

    /// <summary>Renews the lease of the image and of all that this machine needs of it; false: a part of it is not there.</summary>
    public async Task<bool> TryRenewAsync(Digest manifest, CancellationToken cancellationToken)
    {
        try
        {
            var image = await ReadAsync(manifest, cancellationToken);
            return image.Manifest.Layers.Select(layer => layer.Digest).Append(image.Manifest.Config.Digest).Append(image.Digest).Append(manifest)
                .Aggregate(true, (whole, blob) => blobs.TryRenew(blob) && whole);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Unpacks what is not yet unpacked and returns the snapshots' directories, topmost first, as overlayfs wants them.</summary>
    /// <exception cref="FileNotFoundException">A layer is missing.</exception>
    /// <exception cref="DigestMismatchException">A layer has another diff id than the config says.</exception>
    /// <exception cref="InvalidDataException">A layer breaks a rule.</exception>
    public async Task<IReadOnlyList<string>> UnpackAsync(Image image, CancellationToken cancellationToken)
    {
        var diffIds = image.Config.RootFs.DiffIds;
        if (diffIds.Count != image.Manifest.Layers.Count)
        {
            throw new InvalidDataException($"The image {image.Digest.Short} has {image.Manifest.Layers.Count} layers, but its config lists {diffIds.Count}.");
        }

        foreach (var (diffId, layer) in diffIds.Zip(image.Manifest.Layers).Where(layer => !snapshots.TryRenew(layer.First)))
        {
            await using var blob = blobs.OpenRead(layer.Digest);
            await snapshots.UnpackAsync(blob, diffId, cancellationToken);
        }

        return [.. diffIds.Reverse().Select(diffId => snapshots.PathOf(diffId) ?? throw new DirectoryNotFoundException($"The snapshot {diffId} went away while it was needed."))];
    }

    /// <summary>Stores config and manifest of a new image, canonical JSON, and returns it with its digest.</summary>
    public async Task<Image> PutAsync(ImageConfig config, IReadOnlyList<Descriptor> layers, IReadOnlyDictionary<string, string>? annotations, CancellationToken cancellationToken)
    {
        var configBlob = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(config, OciJson.Canonical.ImageConfig), MediaTypes.Config, cancellationToken);
        var manifest = new Manifest { Config = configBlob, Layers = layers, Annotations = annotations };
        var manifestBlob = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest), MediaTypes.Manifest, cancellationToken);
        return new Image(manifestBlob.Digest, manifest, config) { ManifestSize = manifestBlob.Size };
    }

    private async Task<Image> ReadAsync(Digest digest, int depth, CancellationToken cancellationToken)
    {
        var content = await blobs.ReadAsync(digest, cancellationToken);
        try
        {
            if (OciJson.IsIndex(content))
            {
                var index = JsonSerializer.Deserialize(content, OciJson.Canonical.ImageIndex) ?? throw new JsonException("It is null.");
                var mine = index.Manifests.FirstOrDefault(IsMine)
                    ?? throw new InvalidDataException($"The image index {digest.Short} has no image for linux/{Architecture}.");
                return depth < MaxDepth
                    ? await ReadAsync(mine.Digest, depth + 1, cancellationToken)
                    : throw new InvalidDataException($"The image index {digest.Short} is nested too deep.");
            }

            var manifest = JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest) ?? throw new JsonException("It is null.");
            var config = JsonSerializer.Deserialize(await blobs.ReadAsync(manifest.Config.Digest, cancellationToken), OciJson.Canonical.ImageConfig) ?? throw new JsonException("Its config is null.");
            return new Image(digest, manifest, config) { ManifestSize = content.Length };
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{digest.Short} is not an image: {exception.Message}", exception);
        }
    }

    private static bool IsMine(Descriptor descriptor) => descriptor.Platform is { Os: "linux", Architecture: var architecture } && architecture == Architecture;
}
