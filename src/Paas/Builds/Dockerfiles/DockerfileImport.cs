using System.IO.Compression;
using System.Text.Json;
using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>Takes the image that buildah left in a folder into the content store. The folder is a stranger's: every byte is hashed while it is copied,
/// nothing is followed, and a layer is taken only when it is the diff id that the config names.</summary>
/// <remarks>buildah's "dir:" form: manifest.json and one file for each digest, layers not compressed. An OCI layout cannot carry a HEALTHCHECK.</remarks>
internal sealed class DockerfileImport(BlobStore blobs)
{
    private const int MaxDocument = 4 << 20;

    /// <param name="tree">Of the folder.</param>
    /// <param name="bases">Their layers are theirs again, byte for byte: a registry that has them needs them no second time.</param>
    /// <exception cref="InvalidDataException">It is no image that can be taken.</exception>
    public async Task<Image> RunAsync(UntrustedTree tree, IEnumerable<Image> bases, CancellationToken cancellationToken)
    {
        var left = Read(tree.ReadBytes("manifest.json", MaxDocument), OciJson.Canonical.Manifest);
        var configText = tree.ReadBytes(left.Config.Digest.Hex, MaxDocument) ?? throw new InvalidDataException("The image has no config.");
        if (Digest.Of(configText) != left.Config.Digest)
        {
            throw new InvalidDataException("The image's config is not what its manifest says.");
        }

        var config = Read(configText, OciJson.Canonical.ImageConfig);
        Check(left, config);
        var known = bases.SelectMany(image => image.Config.RootFs.DiffIds.Zip(image.Manifest.Layers)).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second);
        var layers = new List<Descriptor>();
        foreach (var (diffId, layer) in config.RootFs.DiffIds.Zip(left.Layers))
        {
            layers.Add(known.TryGetValue(diffId, out var own) && blobs.TryRenew(own.Digest) ? own with { MediaType = MediaTypeOf(own) } : await CopyAsync(tree, layer, diffId, cancellationToken));
        }

        var manifest = new Manifest { Config = await blobs.PutAsync(configText, MediaTypes.Config, cancellationToken), Layers = layers };
        var stored = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest), MediaTypes.Manifest, cancellationToken);
        return new Image(stored.Digest, manifest, config);
    }

    private void Check(Manifest manifest, ImageConfig config)
    {
        if (manifest.Layers.Count > ImagePull.MaxLayers)
        {
            throw new InvalidDataException($"The image has {manifest.Layers.Count} layers; more than {ImagePull.MaxLayers} cannot be mounted: join steps of the Dockerfile.");
        }

        if (manifest.Layers.Count == 0 || manifest.Layers.Count != config.RootFs.DiffIds.Count)
        {
            throw new InvalidDataException("The image has no layers, so there is nothing to run in it: copy something into it.");
        }

        var size = manifest.Layers.Sum(layer => (decimal)Math.Max(0, layer.Size));
        if (size > ImagePull.MaxImage || size > blobs.Disk.AvailableFreeSpace)
        {
            throw new InvalidDataException($"The image of {size / 1_000_000:0} MB is larger than the server has room for.");
        }
    }

    /// <summary>Compressed as the platform's own layers are.</summary>
    private async Task<Descriptor> CopyAsync(UntrustedTree tree, Descriptor layer, DiffId diffId, CancellationToken cancellationToken)
    {
        using var handle = tree.OpenFile(layer.Digest.Hex);
        await using var writer = blobs.CreateWriter();
        Digest copied;
        await using (var gzip = new GZipStream(writer, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new FileStream(handle, FileAccess.Read, bufferSize: 0))
        {
            copied = await HashedCopy.CopyAsync(tar, gzip, "sha256", cancellationToken);
        }

        if (new DiffId(copied) != diffId)
        {
            throw new InvalidDataException("A layer of the image is not what its config says.");
        }

        var (digest, size) = await writer.CommitAsync(null, cancellationToken);
        return new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = digest, Size = size };
    }

    private static string MediaTypeOf(Descriptor layer) => layer.MediaType == MediaTypes.DockerLayerGzip ? MediaTypes.LayerGzip : layer.MediaType;

    private static T Read<T>(byte[]? text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return text is null ? throw new InvalidDataException("The build left no image.") : JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException)
        {
            throw new InvalidDataException("What the build left is no image.");
        }
    }
}
