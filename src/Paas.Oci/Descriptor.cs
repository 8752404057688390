using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Oci;

/// <summary>OCI image-spec v1.1, descriptor.md.</summary>
public sealed record Descriptor
{
    [JsonPropertyName("mediaType")] public required string MediaType { get; init; }

    [JsonPropertyName("digest")] public required Digest Digest { get; init; }

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")] public required long Size { get; init; }

    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }

    [JsonPropertyName("urls")] public IReadOnlyList<string>? Urls { get; init; }

    [JsonPropertyName("platform")] public Platform? Platform { get; init; }

    /// <summary>Unknown members, kept as they are. Not init: generated readers cannot do that for extension data.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Extensions { get; set; }
}

/// <summary>OCI image-spec v1.1, image-index.md, "platform".</summary>
public sealed record Platform
{
    [JsonPropertyName("architecture")] public required string Architecture { get; init; }

    [JsonPropertyName("os")] public required string Os { get; init; }

    [JsonPropertyName("variant")] public string? Variant { get; init; }
}

/// <summary>OCI image-spec v1.1, media-types.md, and Docker's older names for the same things.</summary>
public static class MediaTypes
{
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string LayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string LayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string Empty = "application/vnd.oci.empty.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}
