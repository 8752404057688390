using System.Text.Json.Serialization;

namespace Paas.Oci;

/// <summary>OCI image-spec v1.1, manifest.md.</summary>
public sealed record Manifest
{
    [JsonPropertyName("schemaVersion")] public int SchemaVersion { get; init; } = 2;

    [JsonPropertyName("mediaType")] public string? MediaType { get; init; } = MediaTypes.Manifest;

    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }

    [JsonPropertyName("config")] public required Descriptor Config { get; init; }

    [JsonPropertyName("layers")] public required IReadOnlyList<Descriptor> Layers { get; init; }

    [JsonPropertyName("subject")] public Descriptor? Subject { get; init; }

    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>OCI image-spec v1.1, image-index.md.</summary>
public sealed record ImageIndex
{
    [JsonPropertyName("schemaVersion")] public int SchemaVersion { get; init; } = 2;

    [JsonPropertyName("mediaType")] public string? MediaType { get; init; } = MediaTypes.Index;

    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }

    [JsonPropertyName("manifests")] public required IReadOnlyList<Descriptor> Manifests { get; init; }

    [JsonPropertyName("subject")] public Descriptor? Subject { get; init; }

    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>OCI image-spec v1.1, config.md.</summary>
public sealed record ImageConfig
{
    [JsonPropertyName("created")] public string? Created { get; init; }

    [JsonPropertyName("architecture")] public required string Architecture { get; init; }

    [JsonPropertyName("os")] public required string Os { get; init; }

    [JsonPropertyName("variant")] public string? Variant { get; init; }

    [JsonPropertyName("config")] public RunConfig? Config { get; init; }

    [JsonPropertyName("rootfs")] public required RootFs RootFs { get; init; }

    [JsonPropertyName("history")] public IReadOnlyList<History>? History { get; init; }
}

/// <summary>OCI image-spec v1.1, config.md, "config": how an instance of the image is run.</summary>
public sealed record RunConfig
{
    [JsonPropertyName("User")] public string? User { get; init; }

    [JsonPropertyName("Env")] public IReadOnlyList<string>? Env { get; init; }

    [JsonPropertyName("Entrypoint")] public IReadOnlyList<string>? Entrypoint { get; init; }

    [JsonPropertyName("Cmd")] public IReadOnlyList<string>? Cmd { get; init; }

    [JsonPropertyName("WorkingDir")] public string? WorkingDir { get; init; }

    [JsonPropertyName("Labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [JsonPropertyName("StopSignal")] public string? StopSignal { get; init; }

    [JsonPropertyName("ExposedPorts")] public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    /// <summary>Docker's own; image-spec v1.1, config.md, names it as reserved.</summary>
    [JsonPropertyName("Healthcheck")] public HealthcheckConfig? Healthcheck { get; init; }
}

/// <summary>HEALTHCHECK of a Dockerfile, as docker writes it into an image's config. Durations in nanoseconds; 0 and absent: docker's default.</summary>
public sealed record HealthcheckConfig
{
    /// <summary>["NONE"], ["CMD", program, argument ...] or ["CMD-SHELL", line]; empty: inherited, which nothing is here.</summary>
    [JsonPropertyName("Test")] public IReadOnlyList<string>? Test { get; init; }

    [JsonPropertyName("Interval")] public long Interval { get; init; }

    [JsonPropertyName("Timeout")] public long Timeout { get; init; }

    [JsonPropertyName("StartPeriod")] public long StartPeriod { get; init; }

    [JsonPropertyName("Retries")] public int Retries { get; init; }
}

/// <summary>An object without members, as ExposedPorts has them.</summary>
public sealed record EmptyObject;

/// <summary>OCI image-spec v1.1, config.md, "rootfs".</summary>
public sealed record RootFs
{
    [JsonPropertyName("type")] public string Type { get; init; } = "layers";

    /// <summary>Bottom layer first.</summary>
    [JsonPropertyName("diff_ids")] public required IReadOnlyList<DiffId> DiffIds { get; init; }
}

/// <summary>OCI image-spec v1.1, config.md, "history".</summary>
public sealed record History
{
    [JsonPropertyName("created")] public string? Created { get; init; }

    [JsonPropertyName("created_by")] public string? CreatedBy { get; init; }

    [JsonPropertyName("empty_layer")] public bool? EmptyLayer { get; init; }
}

/// <summary>An image read from the content store: one platform's manifest and config.</summary>
public sealed record Image(Digest Digest, Manifest Manifest, ImageConfig Config)
{
    /// <summary>In bytes, as stored; 0 for an image that was not read from a store.</summary>
    public long ManifestSize { get; init; }
}
