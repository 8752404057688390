using System.Text.Json;

namespace Paas.Registry;

/// <summary>Looks into a stranger's JSON: what is not there, or of another kind, is absent.</summary>
internal static class Json
{
    public static JsonElement Of(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var found) ? found : default;

    public static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    public static long Number(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : 0;

    public static IEnumerable<JsonElement> Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(member => (member.Name, member.Value)) : [];

    public static IReadOnlyList<string> Texts(JsonElement element) => [.. Items(element).Select(Text).OfType<string>()];
}
