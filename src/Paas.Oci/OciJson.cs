using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Oci;

/// <summary>The JSON of OCI documents: members in the order of their types, absent ones left out, no white space. The same image always has the same bytes.</summary>
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfig))]
public sealed partial class OciJson : JsonSerializerContext
{
    /// <summary>With "+" as itself, which media types are full of; none of it is ever put into HTML.</summary>
    public static OciJson Canonical { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    });

    /// <summary>Told by its members, because mediaType is optional (image-spec v1.1, image-index.md).</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static bool IsIndex(ReadOnlyMemory<byte> document)
    {
        using var json = JsonDocument.Parse(document);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("manifests", out _) && !json.RootElement.TryGetProperty("config", out _);
    }
}
