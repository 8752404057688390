using System.Net;
using System.Text;
using System.Text.Json;

namespace Paas.Edge;

/// <summary>What the edge says itself, when neither an app nor control can: a small page for browsers, the registry's document for its clients, one line of
/// text for the rest.</summary>
internal static class ErrorPage
{
    /// <param name="title">A few words: "Not found".</param>
    /// <param name="sentence">What is the matter and what to do.</param>
    /// <param name="retryAfter">Null: trying again would not help.</param>
    /// <param name="registryCode">Of distribution-spec v1.1, "Error Codes", should this be a request to the registry; null: it goes to an app.</param>
    public static async Task WriteAsync(HttpContext context, int status, string title, string sentence, TimeSpan? retryAfter, string? registryCode = null)
    {
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var (type, text) = registryCode is not null && RegistryBody.IsRegistry(context) ? ("application/json", Document(registryCode, sentence))
            : context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) ? ("text/html", Html(title, sentence))
            : ("text/plain", sentence + "\n");
        var body = Encoding.UTF8.GetBytes(text);
        var response = context.Response;
        response.Clear();
        response.StatusCode = status;
        response.ContentType = type + "; charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (retryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static string Document(string code, string message) =>
        $$"""{"errors":[{"code":"{{code}}","message":"{{JsonEncodedText.Encode(message)}}"}]}""";

    private static string Html(string title, string sentence) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{WebUtility.HtmlEncode(title)}}</title>
        <style>
        :root { color-scheme: light dark }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem }
        h1 { font-size: 1.25rem; margin: 0 0 .5rem }
        p { margin: 0; overflow-wrap: anywhere }
        </style>
        </head>
        <body>
        <h1>{{WebUtility.HtmlEncode(title)}}</h1>
        <p>{{WebUtility.HtmlEncode(sentence)}}</p>
        </body>
        </html>

        """;
}
