using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Paas.Oci;

namespace Paas.Sboms;

internal static class SbomsSetup
{
    public static IServiceCollection AddSboms(this IServiceCollection services) => services
        .AddSingleton<LayerFiles>()
        .AddSingleton<ImageContents>()
        .AddSingleton<PackageIndex>();

    public static IEndpointRouteBuilder MapSboms(this IEndpointRouteBuilder app)
    {
        SbomsEndpoints.Map(app);
        return app;
    }
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class SbomsJson : JsonSerializerContext;
