using System.Text.Json;
using Paas.Oci;
using Paas.Registry;

namespace Paas.Deploys;

/// <summary>Finds an image in a repository of this platform. Everything it reads must be that repository's own: by digest alone the content store
/// would give another team's index children, configs and layers.</summary>
public sealed class ImageLookup(AppImages images, BlobStore blobs)
{
    private const int MaxDepth = 4;

    /// <param name="repository">Null: there is no such repository, or not for this team.</param>
    /// <param name="name">For sentences.</param>
    /// <returns>The image for this machine, and what the reference named.</returns>
    internal async Task<(Image Image, Digest Top)> FindAsync(TeamRepository? repository, string name, Reference reference, CancellationToken cancellationToken)
    {
        if (repository is null || images.Manifest(repository, reference) is not { } top)
        {
            throw new ImageRefusedException($"This platform's registry has no image {name}: push it, or check the name. See what is there with: paas registry tags");
        }

        var found = ForThisMachine(repository, name, top, 0);
        var manifest = JsonSerializer.Deserialize(found.Content, OciJson.Canonical.Manifest) ?? throw new JsonException("null");
        foreach (var blob in manifest.Layers.Prepend(manifest.Config))
        {
            if (!images.HasBlob(repository, blob.Digest) || !blobs.TryRenew(blob.Digest))
            {
                throw new ImageRefusedException($"{name} names the {(blob.Digest == manifest.Config.Digest ? "config" : "layer")} {blob.Digest.Short}, which was not pushed with it: push the image again, with all of its layers.");
            }
        }

        var config = JsonSerializer.Deserialize(await blobs.ReadAsync(manifest.Config.Digest, cancellationToken), OciJson.Canonical.ImageConfig) ?? throw new JsonException("null");
        return (new Image(found.Digest, manifest, config), top.Digest);
    }

    private RepositoryManifest ForThisMachine(TeamRepository repository, string name, RepositoryManifest manifest, int depth)
    {
        if (!OciJson.IsIndex(manifest.Content))
        {
            return manifest;
        }

        var index = JsonSerializer.Deserialize(manifest.Content, OciJson.Canonical.ImageIndex) ?? throw new JsonException("null");
        var mine = index.Manifests.FirstOrDefault(item => item.Platform is { Os: "linux", Architecture: var architecture } && architecture == Images.Architecture)
            ?? throw new ImageRefusedException($"{name} has no image for linux/{Images.Architecture}, which this server is: it has {ImagePull.PlatformsOf(index)}. Build it for that too (docker buildx build --platform linux/{Images.Architecture}) and push it again.");
        var child = images.Manifest(repository, Reference.Of(mine.Digest))
            ?? throw new ImageRefusedException($"{name} names an image for linux/{Images.Architecture} that was not pushed with it: push it with all of its images (docker buildx, or skopeo copy --all).");
        return depth < MaxDepth
            ? ForThisMachine(repository, name, child, depth + 1)
            : throw new ImageRefusedException($"{name} is an index in an index in an index: nothing to run is found in it.");
    }
}
