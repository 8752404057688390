using System.Text.Json;
using Paas.Oci;

namespace Paas.Registry;

internal enum EdgeKind
{
    Config,
    Layer,
    Manifest,
}

/// <summary>What a manifest names.</summary>
/// <param name="Size">Bytes, as the manifest says.</param>
internal sealed record ManifestEdge(EdgeKind Kind, Digest Digest, long Size);

/// <summary>What the registry needs to know of a manifest; the bytes themselves are kept as they came.</summary>
/// <param name="Edges">All that it names.</param>
/// <param name="Blobs">Config and layers that must be in the repository.</param>
/// <param name="Subject">What it refers to (distribution-spec v1.1, "Pushing Manifests with Subject"); need not exist.</param>
/// <param name="ArtifactType">As the referrers list shows it.</param>
internal sealed record ManifestDocument(
    string MediaType,
    IReadOnlyList<ManifestEdge> Edges,
    IReadOnlyList<Digest> Blobs,
    Digest? Subject,
    string? ArtifactType,
    IReadOnlyDictionary<string, string>? Annotations)
{
    /// <param name="contentType">Without parameters; must agree with the document's own mediaType.</param>
    /// <exception cref="RegistryError">MANIFEST_INVALID.</exception>
    public static ManifestDocument Parse(byte[] content, string contentType)
    {
        try
        {
            return contentType switch
            {
                MediaTypes.Manifest or MediaTypes.DockerManifest => OfImage(Read(content, OciJson.Canonical.Manifest), contentType),
                MediaTypes.Index or MediaTypes.DockerList => OfIndex(Read(content, OciJson.Canonical.ImageIndex), contentType),
                _ => throw RegistryError.ManifestInvalid(
                    "Only OCI image manifests and indexes and Docker's schema 2 of the same are taken; Content-Type must say which."),
            };
        }
        catch (JsonException)
        {
            throw RegistryError.ManifestInvalid("The manifest is not what its media type says: a member is missing, double or of a wrong type.");
        }
    }

    private static ManifestDocument OfImage(Manifest manifest, string contentType)
    {
        Check(manifest.SchemaVersion, manifest.MediaType, contentType);
        var needed = manifest.Layers.Append(manifest.Config).Where(blob => !IsForeign(blob)).Select(blob => blob.Digest);
        ManifestEdge[] edges = [new(EdgeKind.Config, manifest.Config.Digest, manifest.Config.Size), .. manifest.Layers.Select(layer => new ManifestEdge(EdgeKind.Layer, layer.Digest, layer.Size))];
        return new ManifestDocument(contentType, edges, [.. needed], manifest.Subject?.Digest, manifest.ArtifactType ?? manifest.Config.MediaType, manifest.Annotations);
    }

    /// <summary>Its children may come later, or never: a copy of one platform of many is a use of its own.</summary>
    private static ManifestDocument OfIndex(ImageIndex index, string contentType)
    {
        Check(index.SchemaVersion, index.MediaType, contentType);
        ManifestEdge[] edges = [.. index.Manifests.Select(child => new ManifestEdge(EdgeKind.Manifest, child.Digest, child.Size))];
        return new ManifestDocument(contentType, edges, [], index.Subject?.Digest, index.ArtifactType, index.Annotations);
    }

    private static T Read<T>(byte[] content, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(content, type) ?? throw new JsonException("null");

    private static void Check(int schemaVersion, string? mediaType, string contentType)
    {
        if (schemaVersion != 2)
        {
            throw RegistryError.ManifestInvalid("The manifest's schemaVersion is not 2: docker images of before 2017 must be converted first (skopeo copy --format oci).");
        }

        if (mediaType is not null && mediaType != contentType)
        {
            throw RegistryError.ManifestInvalid("The manifest's mediaType and the Content-Type disagree.");
        }
    }

    /// <summary>image-spec v1.1, layer.md, "Non-Distributable Layers": never pushed.</summary>
    private static bool IsForeign(Descriptor blob) =>
        blob.MediaType.Contains(".nondistributable.", StringComparison.Ordinal) || blob.MediaType.Contains(".foreign.", StringComparison.Ordinal);
}
