using System.Net.Http.Headers;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Paas.Edge;

/// <summary>What the edge changes on a request and its response: where it came from, and nothing that is only between two hops.</summary>
internal sealed class EdgeTransformer : HttpTransformer
{
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        var named = HeaderRules.NamedBy(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (!HeaderRules.DropFromRequest(name) && !HeaderRules.Contains(named, name))
            {
                Add(proxyRequest, name, values);
            }
        }

        // RFC 9112, 6.3: Transfer-Encoding overrides Content-Length, which must not go on; nor does that of a body that is not sent on.
        if (request.Headers.TransferEncoding.Count > 0 || proxyRequest.Content is ByteArrayContent)
        {
            proxyRequest.Content?.Headers.Remove("Content-Length");
        }

        AddOrigin(httpContext, proxyRequest.Headers);

        // The target goes on byte for byte ("/a%2Fb" is not "/a/b"): routing is by host alone, so nothing hangs on its form.
        if (httpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] target
            && Uri.TryCreate(destinationPrefix + target, AsIs, out var uri))
        {
            proxyRequest.RequestUri = uri;
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        var headers = httpContext.Response.Headers;
        var named = HeaderRules.NamedBy(proxyResponse.Headers);
        Copy(proxyResponse.Headers, headers, named);
        Copy(proxyResponse.Content.Headers, headers, named);

        // RFC 9112, 6.3 as above; RFC 9110, 8.6: none with 1xx and 204, where Kestrel refuses one.
        if ((int)proxyResponse.StatusCode is < 200 or 204 or 205 || proxyResponse.Headers.NonValidated.Contains("Transfer-Encoding"))
        {
            headers.ContentLength = null;
        }

        // An event stream may be silent at first, and its reader waits for the head of the response.
        if (proxyResponse.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
            && type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    private static void AddOrigin(HttpContext context, HttpRequestHeaders headers)
    {
        var connection = context.Connection;
        var client = connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : connection.RemoteIpAddress;
        var address = client?.ToString() ?? "unknown";
        headers.TryAddWithoutValidation("X-Forwarded-For", address);
        headers.TryAddWithoutValidation("X-Real-IP", address);
        // Not the request's scheme: over HTTP/2 that is what the client says it is (RFC 9113, 8.3.1).
        headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Features.Get<ITlsHandshakeFeature>() is null ? "http" : "https");
        headers.TryAddWithoutValidation("X-Forwarded-Port", PortText(connection.LocalPort));
        if (context.Request.Host is { HasValue: true, Value: var host })
        {
            headers.TryAddWithoutValidation("Host", host);
            headers.TryAddWithoutValidation("X-Forwarded-Host", host);
        }
    }

    private static string PortText(int port) => port switch { 80 => "80", 443 => "443", 8080 => "8080", _ => port.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private static void Add(HttpRequestMessage request, string name, StringValues values)
    {
        if (values.Count > 1)
        {
            // HTTP/2 splits cookies for its compression; RFC 9113, 8.2.3 wants them put together again for HTTP/1.1.
            if (name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
            {
                values = string.Join("; ", values.ToArray());
            }
            else if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                ContentOf(request, name)?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
                return;
            }
            else
            {
                return;
            }
        }

        if (!request.Headers.TryAddWithoutValidation(name, values.ToString()))
        {
            ContentOf(request, name)?.Headers.TryAddWithoutValidation(name, values.ToString());
        }
    }

    /// <summary>HttpClient keeps headers like Content-Type with the content even when there is none to send.</summary>
    private static HttpContent? ContentOf(HttpRequestMessage request, string name) =>
        request.Content ?? (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? null : request.Content = new ByteArrayContent([]));

    private static void Copy(HttpHeaders from, IHeaderDictionary to, string[]? named)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (!HeaderRules.DropFromResponse(name) && !HeaderRules.Contains(named, name))
            {
                to[name] = values.Count <= 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
            }
        }
    }
}
