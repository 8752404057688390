using System.Text.Json.Nodes;

namespace Paas.Buildpacks.Toml;

/// <summary>TOML as JSON, for labels: dates become strings; what JSON cannot say (inf, nan) too.</summary>
internal static class TomlJson
{
    public static JsonObject Convert(TomlTable table) =>
        new(table.Select(pair => KeyValuePair.Create(pair.Key, ConvertValue(pair.Value))));

    private static JsonNode? ConvertValue(object value) => value switch
    {
        string text => JsonValue.Create(text),
        long number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        TomlArray array => new JsonArray([.. array.Select(ConvertValue)]),
        TomlTable table => Convert(table),
        _ => JsonValue.Create(value.ToString()),
    };
}
