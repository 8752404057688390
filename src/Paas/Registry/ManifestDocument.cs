using System.Text.Json;
using System.Text.RegularExpressions;
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
internal sealed partial record ManifestDocument(
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
                _ => OfUnknown(content, contentType),
            };
        }
        catch (JsonException)
        {
            throw RegistryError.ManifestInvalid("The manifest is not what its media type says: a member is missing, double or of a wrong type.");
        }
        catch (InvalidOperationException)
        {
            // A string with half a surrogate pair: valid JSON, but no text.
            throw RegistryError.ManifestInvalid("The manifest has a text that is no Unicode.");
        }
    }

    private static ManifestDocument OfImage(Manifest manifest, string contentType)
    {
        Check(manifest.SchemaVersion, manifest.MediaType, contentType);
        var needed = manifest.Layers.Append(manifest.Config).Where(blob => !IsForeign(blob)).Select(blob => blob.Digest);
        ManifestEdge[] edges = [new(EdgeKind.Config, manifest.Config.Digest, manifest.Config.Size), .. manifest.Layers.Select(layer => new ManifestEdge(EdgeKind.Layer, layer.Digest, layer.Size))];
        return new ManifestDocument(contentType, edges, [.. needed], manifest.Subject?.Digest, manifest.ArtifactType is { Length: > 0 } own ? own : manifest.Config.MediaType, manifest.Annotations);
    }

    /// <summary>Its children may come later, or never: a copy of one platform of many is a use of its own.</summary>
    private static ManifestDocument OfIndex(ImageIndex index, string contentType)
    {
        Check(index.SchemaVersion, index.MediaType, contentType);
        ManifestEdge[] edges = [.. index.Manifests.Select(child => new ManifestEdge(EdgeKind.Manifest, child.Digest, child.Size))];
        return new ManifestDocument(contentType, edges, [], index.Subject?.Digest, index.ArtifactType, index.Annotations);
    }

    /// <summary>A kind of manifest that this registry does not know is kept as it is: its bytes, its type and its tags, and nothing of what it
    /// may name, because that would be a guess. What is no kind of manifest at all is refused.</summary>
    private static ManifestDocument OfUnknown(byte[] content, string contentType)
    {
        if (!UnknownType.IsMatch(contentType))
        {
            throw RegistryError.ManifestInvalid(contentType.StartsWith("application/vnd.docker.distribution.manifest.v1", StringComparison.OrdinalIgnoreCase)
                ? "This is a manifest of docker's schema 1, of before 2017: convert it first (skopeo copy --format oci)."
                : "Content-Type must be the media type of a manifest, as 'application/vnd.oci.image.manifest.v1+json'.");
        }

        using var document = JsonDocument.Parse(content);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("No object.");
        }

        if (document.RootElement.TryGetProperty("mediaType", out var own) && (own.ValueKind != JsonValueKind.String || own.GetString() != contentType))
        {
            throw RegistryError.ManifestInvalid("The manifest's mediaType and the Content-Type disagree.");
        }

        return new ManifestDocument(contentType, [], [], null, null, null);
    }

    /// <summary>RFC 6838, 4.2 and 6: a JSON format of its own, registered or a vendor's.</summary>
    [GeneratedRegex(@"^application/(?!vnd\.docker\.distribution\.manifest\.v1)[a-zA-Z0-9][a-zA-Z0-9!#$&^_.-]{0,200}\+json\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownType { get; }

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
