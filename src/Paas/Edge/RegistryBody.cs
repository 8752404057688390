using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Paas.Edge;

/// <summary>How long the edge waits for the body of a request to the registry.</summary>
internal static class RegistryBody
{
    private static readonly None Nothing = new();

    /// <summary>HttpClient sends all of a body before it reads the answer. So a body that no request of the distribution spec has is not sent on: the
    /// answer would wait for it. The others may be slow, but must come.</summary>
    public static void Bound(HttpContext context, EdgeOptions options)
    {
        var request = context.Request;

        if (!IsRegistry(context))
        {
            return;
        }

        if (!(HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method)))
        {
            context.Features.Set<IHttpRequestBodyDetectionFeature>(Nothing);
        }
        else if (HttpProtocol.IsHttp11(request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } body)
        {
            body.MinDataRate = new MinDataRate(options.RegistryBodyRate, options.RegistryBodyPatience);
        }
    }

    /// <summary>Of a request to control. As it was sent: also what a ".." leads out of it.</summary>
    public static bool IsRegistry(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>()?.RawTarget.StartsWith("/v2", StringComparison.Ordinal) == true;

    private sealed class None : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
