using System.Text.Json;

namespace Paas.Oci;

/// <summary>How far a pull is.</summary>
/// <param name="Arrived">Bytes of configs and layers that came over the network.</param>
/// <param name="Total">Bytes that have to come; what is there already does not count.</param>
public readonly record struct PullProgress(long Arrived, long Total);

/// <summary>An image that was brought here: manifest, config and layers lie in the content store.</summary>
/// <param name="Top">What the reference named: an index, or the manifest itself.</param>
public sealed record PulledImage(Digest Top, Image Image);

/// <summary>Brings one image of another registry into the content store, for this machine's platform.</summary>
/// <param name="mayReuse">Whether a blob that the store may have needs not be fetched: the one who asks has a right to it already.</param>
/// <param name="stored">Told each blob as soon as it is in the store, so that a collection leaves it alone.</param>
public sealed class ImagePull(BlobStore blobs, Func<Digest, bool> mayReuse, Action<Descriptor> stored)
{
    /// <summary>Overlay's limit (architecture, "One content store").</summary>
    public const int MaxLayers = 127;

    /// <summary>Bytes of all layers, as they are sent.</summary>
    public const long MaxImage = 40L << 30;

    private const int MaxDepth = 4;
    private const long MaxConfig = 4 << 20;
    private const int AtOnce = 3;

    /// <param name="repository">Where from.</param>
    /// <param name="reference">Tag or digest.</param>
    /// <param name="progress">Called from several threads; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Leaves what is complete in the store.</param>
    /// <exception cref="RegistryClientException">It is not there, not for this machine, too large, or did not come whole.</exception>
    public async Task<PulledImage> RunAsync(RemoteRepository repository, Reference reference, Action<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var top = await ManifestAsync(repository, reference, cancellationToken);
        var found = await ForThisMachineAsync(repository, top, 0, cancellationToken);
        var manifest = Read(repository, found, OciJson.Canonical.Manifest);
        Check(repository, manifest);
        if (manifest.Config.Size > MaxConfig)
        {
            throw new RegistryClientException(RegistryFault.TooLarge, $"The config of {repository.Image} is larger than {MaxConfig >> 20} MB.");
        }

        var missing = manifest.Layers.Prepend(manifest.Config).DistinctBy(blob => blob.Digest).Where(blob => !(mayReuse(blob.Digest) && blobs.TryRenew(blob.Digest) && blobs.SizeOf(blob.Digest) == blob.Size)).ToList();
        var (arrived, total) = (0L, missing.Sum(blob => blob.Size));
        progress?.Invoke(new PullProgress(0, total));

        // The config first: whether the image is for this machine should be known before its layers come.
        foreach (var config in missing.Where(blob => blob.Digest == manifest.Config.Digest))
        {
            await FetchAsync(config, cancellationToken);
        }

        var image = new Image(found.Digest, manifest, await ConfigAsync(repository, manifest, cancellationToken));
        CheckPlatform(repository, image.Config);
        await Parallel.ForEachAsync(
            missing.Where(blob => blob.Digest != manifest.Config.Digest),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (layer, token) => await FetchAsync(layer, token));
        stored(await PutAsync(found, cancellationToken));
        return new PulledImage(top.Digest, image);

        async Task FetchAsync(Descriptor blob, CancellationToken token)
        {
            await repository.FetchBlobAsync(blob, blobs, count => progress?.Invoke(new PullProgress(Interlocked.Add(ref arrived, count), total)), token);
            stored(blob);
        }
    }

    /// <summary>"linux/amd64, linux/arm64/v8": what an index has, for the message that the right one is missing.</summary>
    public static string PlatformsOf(ImageIndex index) => index.Manifests
        .Select(item => item.Platform)
        .Where(platform => platform is { Os: not "unknown" })
        .Select(platform => $"{platform!.Os}/{platform.Architecture}{(platform.Variant is { Length: > 0 } variant ? $"/{variant}" : "")}")
        .Distinct().Take(20).ToArray() is { Length: > 0 } names ? string.Join(", ", names) : "images without a platform";

    private static async Task<RemoteManifest> ManifestAsync(RemoteRepository repository, Reference reference, CancellationToken cancellationToken) =>
        await repository.FindManifestAsync(reference, cancellationToken)
        ?? throw new RegistryClientException(RegistryFault.NotFound, $"{repository.Image.Host}/{repository.Image.Repository} has no image '{reference}': check name and tag.");

    private static async Task<RemoteManifest> ForThisMachineAsync(RemoteRepository repository, RemoteManifest top, int depth, CancellationToken cancellationToken)
    {
        try
        {
            if (!OciJson.IsIndex(top.Content))
            {
                return top;
            }
        }
        catch (JsonException error)
        {
            throw NoImage(repository, error);
        }

        var index = Read(repository, top, OciJson.Canonical.ImageIndex);
        var mine = index.Manifests.FirstOrDefault(item => item.Platform is { Os: "linux", Architecture: var architecture } && architecture == Images.Architecture)
            ?? throw new RegistryClientException(RegistryFault.OtherPlatform, $"{repository.Image} has no image for linux/{Images.Architecture}, which this server is: it has {PlatformsOf(index)}.");
        if (depth >= MaxDepth)
        {
            throw new RegistryClientException(RegistryFault.BadAnswer, $"{repository.Image} is an index in an index in an index: nothing to run is found in it.");
        }

        return await ForThisMachineAsync(repository, await ManifestAsync(repository, Reference.Of(mine.Digest), cancellationToken), depth + 1, cancellationToken);
    }

    private static void Check(RemoteRepository repository, Manifest manifest)
    {
        if (manifest.Layers.Count > MaxLayers)
        {
            throw new RegistryClientException(RegistryFault.TooLarge, $"{repository.Image} has {manifest.Layers.Count} layers; more than {MaxLayers} cannot be mounted: build it with fewer steps.");
        }

        if (manifest.Layers.Append(manifest.Config).Any(blob => blob.Size < 0) || manifest.Layers.Sum(blob => (decimal)blob.Size) > MaxImage)
        {
            throw new RegistryClientException(RegistryFault.TooLarge, $"{repository.Image} is larger than {MaxImage >> 30} GB.");
        }
    }

    /// <summary>Also of an image that is in no index.</summary>
    private static void CheckPlatform(RemoteRepository repository, ImageConfig config)
    {
        if (config.Os != "linux" || config.Architecture != Images.Architecture)
        {
            throw new RegistryClientException(
                RegistryFault.OtherPlatform, $"{repository.Image} is for {config.Os}/{config.Architecture}, but this server runs linux/{Images.Architecture}: build it for that (docker build --platform linux/{Images.Architecture}).");
        }
    }

    private async Task<ImageConfig> ConfigAsync(RemoteRepository repository, Manifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await blobs.ReadAsync(manifest.Config.Digest, cancellationToken), OciJson.Canonical.ImageConfig) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw NoImage(repository, error);
        }
    }

    private async Task<Descriptor> PutAsync(RemoteManifest manifest, CancellationToken cancellationToken)
    {
        await using var writer = blobs.CreateWriter();
        await writer.WriteAsync(manifest.Content, cancellationToken);
        await writer.CommitAsync(manifest.Digest, cancellationToken);
        return new Descriptor { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Content.Length };
    }

    private static T Read<T>(RemoteRepository repository, RemoteManifest manifest, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(manifest.Content, type) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw NoImage(repository, error);
        }
    }

    private static RegistryClientException NoImage(RemoteRepository repository, JsonException error) =>
        new(RegistryFault.BadAnswer, $"{repository.Image} is not an image that can be run: it may be a chart, a signature, or an image of before 2017.", error);
}
