using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Builds;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, AllowDuplicateProperties = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StackRecipe))]
[JsonSerializable(typeof(StackEntry))]
[JsonSerializable(typeof(StackPointer))]
internal sealed partial class BuildsJson : JsonSerializerContext;
