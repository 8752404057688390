using System.Text.Json.Serialization;

namespace Paas.Apps;

/// <summary>What this slice keeps as JSON in its rows.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class AppsJson : JsonSerializerContext;
