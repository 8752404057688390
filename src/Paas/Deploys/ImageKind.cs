using System.Text.Json;
using System.Text.RegularExpressions;
using Paas.Oci;
using Paas.Registry;

namespace Paas.Deploys;

/// <summary>Tells images from what else is pushed to a repository: signatures, bills of materials, charts. Only an image is a wish to deploy.</summary>
internal static partial class ImageKind
{
    /// <summary>Tags that clients make from a digest, for what refers to it (distribution-spec v1.1, "Referrers Tag Schema"; cosign's are like it).</summary>
    [GeneratedRegex(@"^sha(256|512)-[0-9a-f]{64,128}(\.[a-z]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex OfDigest { get; }

    /// <param name="manifest">Null: it is gone again.</param>
    public static bool IsImage(Tag tag, RepositoryManifest? manifest)
    {
        if (manifest is null || OfDigest.IsMatch(tag.ToString()))
        {
            return false;
        }

        try
        {
            if (OciJson.IsIndex(manifest.Content))
            {
                return JsonSerializer.Deserialize(manifest.Content, OciJson.Canonical.ImageIndex) is { ArtifactType: null, Subject: null, Manifests.Count: > 0 };
            }

            return JsonSerializer.Deserialize(manifest.Content, OciJson.Canonical.Manifest) is
            {
                ArtifactType: null, Subject: null, Layers.Count: > 0, Config.MediaType: MediaTypes.Config or MediaTypes.DockerConfig,
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
