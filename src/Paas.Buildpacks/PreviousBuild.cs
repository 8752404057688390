using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Buildpacks.Sbom;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>What the next build of an app has to know of this one. The caller keeps it (as JSON) and must keep the blobs and
/// snapshots of <see cref="Layers"/> for as long; a missing snapshot costs time, never the build.</summary>
public sealed record PreviousBuild
{
    /// <summary>The image that was exported.</summary>
    public required Digest Image { get; init; }

    public required IReadOnlyList<PreviousBuildpack> Buildpacks { get; init; }

    /// <summary>The app's slices and the rest of it, as the image has them: taken again where they are the same. Nobody keeps them for this.</summary>
    public IReadOnlyList<AppLayer> App { get; init; } = [];

    /// <summary>Null: no buildpack wrote a bill of materials.</summary>
    public PreviousSbom? Sbom { get; init; }

    /// <summary>Everything in the content store that the next build may reuse.</summary>
    [JsonIgnore]
    public IEnumerable<PreviousLayer> Layers => [.. Buildpacks.SelectMany(buildpack => buildpack.Layers), .. SbomLayers];

    private IEnumerable<PreviousLayer> SbomLayers
    {
        get
        {
            if (Sbom?.Launch is { } launch)
            {
                yield return new PreviousLayer("sbom", new LayerFlags(false, true, false), "", launch, Sbom.LaunchBlob);
            }

            if (Sbom?.Cache is { } cache)
            {
                yield return new PreviousLayer("sbom", new LayerFlags(false, false, true), "", cache, null);
            }
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BuildpacksJson.Default.PreviousBuild);

    /// <returns>Null when the bytes are of another version or damaged: the build then starts cold.</returns>
    public static PreviousBuild? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, BuildpacksJson.Default.PreviousBuild);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Id">The buildpack.</param>
/// <param name="Version">The version that built.</param>
/// <param name="Store">Text of its store.toml; null when it left none.</param>
/// <param name="Layers">Its layers that have launch or cache, by name.</param>
public sealed record PreviousBuildpack(string Id, string Version, string? Store, IReadOnlyList<PreviousLayer> Layers);

/// <param name="Name">Directory name of the layer.</param>
/// <param name="Flags">Its types.</param>
/// <param name="Metadata">Its layer.toml without [types].</param>
/// <param name="DiffId">Its contents: the snapshot.</param>
/// <param name="Blob">As images carry it; null: a cache that no image ever had.</param>
public sealed record PreviousLayer(string Name, LayerFlags Flags, string Metadata, DiffId DiffId, Descriptor? Blob);

/// <summary>A layer of the app itself.</summary>
public sealed record AppLayer(DiffId DiffId, Descriptor Blob);

/// <summary>Types of a layer (CNB buildpack spec 0.12, "Layer Types").</summary>
public readonly record struct LayerFlags(bool Build, bool Launch, bool Cache);

[JsonSourceGenerationOptions(AllowDuplicateProperties = false, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PreviousBuild))]
internal sealed partial class BuildpacksJson : JsonSerializerContext;
