using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Paas.Client;

namespace Paas.Cli;

/// <summary>JSON for people and scripts: the contract's names, indented, letters as they are.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Indented = Options(indented: true);

    private static readonly JsonSerializerOptions Line = Options(indented: false);

    public static string Of<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Indented.GetTypeInfo(type.Type));

    /// <summary>On one line, for streams of documents.</summary>
    public static string LineOf<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Line.GetTypeInfo(type.Type));

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = ContractJson.Default,
    };
}
