using Paas.Oci;

namespace Paas.Registry;

/// <summary>What a manifest is to people.</summary>
internal static class ManifestKind
{
    public const string Image = "image";
    public const string Index = "index";
    public const string Artifact = "artifact";

    private static readonly string[] Signatures = ["cosign", "notary", "signature", "sigstore"];
    private static readonly string[] Boms = ["spdx", "cyclonedx", "sbom", "syft"];
    private static readonly string[] Attestations = ["in-toto", "attestation", "dsse", "provenance"];

    /// <summary>image, index or artifact; and the artifact's type, null for the other two.</summary>
    /// <param name="artifactType">As the referrers list shows it: of an image it is its config's media type.</param>
    public static (string Kind, string? ArtifactType) Of(string mediaType, string? artifactType) => mediaType switch
    {
        MediaTypes.Index or MediaTypes.DockerList => (Index, null),
        MediaTypes.Manifest or MediaTypes.DockerManifest when artifactType is null or MediaTypes.Config or MediaTypes.DockerConfig => (Image, null),
        _ => (Artifact, artifactType ?? mediaType),
    };

    /// <summary>"signature", "SBOM" or "attestation", by the words that its tools put into the type; null: another.</summary>
    public static string? WordOf(string? artifactType) => artifactType switch
    {
        null => null,
        _ when Names(artifactType, Boms) => "SBOM",
        _ when Names(artifactType, Attestations) => "attestation",
        _ when Names(artifactType, Signatures) => "signature",
        _ => null,
    };

    /// <summary>The same by the tag that clients write who do not know the referrers API: "sha256-...", ".sig", ".sbom" or ".att".</summary>
    public static string? WordOfTag(string tag) => Path.GetExtension(tag) switch
    {
        ".sig" => "signature",
        ".sbom" => "SBOM",
        ".att" => "attestation",
        _ => null,
    };

    private static bool Names(string type, string[] words) => words.Any(word => type.Contains(word, StringComparison.OrdinalIgnoreCase));
}
