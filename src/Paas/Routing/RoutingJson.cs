using System.Text.Json.Serialization;

namespace Paas.Routing;

/// <summary>The documents that control and the edge exchange, and the table that the edge keeps on disk.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RouteTable))]
[JsonSerializable(typeof(EdgeState))]
[JsonSerializable(typeof(EdgeCounts))]
[JsonSerializable(typeof(RequestTally))]
[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class RoutingJson : JsonSerializerContext;

/// <summary>What the edge answers to a table and to a ping.</summary>
/// <param name="Number">Of the table that it routes by; 0: none of this boot.</param>
internal sealed record EdgeState(long Number);
