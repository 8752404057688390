using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Paas.Accounts;

/// <summary>Errors of the API, in one shape: problem details (RFC 9457) with a stable code.</summary>
internal static class Problems
{
    /// <param name="detail">A sentence that says what is wrong and what to do.</param>
    /// <param name="traceId">Finds the log entry of an error of ours; null otherwise.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, string? traceId = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        var problem = new ProblemBody("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, code, traceId);
        return context.Response.WriteAsJsonAsync(problem, ProblemJson.Default.ProblemBody, "application/problem+json", context.RequestAborted);
    }

    /// <summary>For an answer that a handler or the framework left empty.</summary>
    public static Task WriteEmptyAsync(HttpContext context)
    {
        var (code, detail) = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("not_found", "There is nothing at this address."),
            StatusCodes.Status405MethodNotAllowed => ("method_not_allowed", $"This address does not take {context.Request.Method}."),
            StatusCodes.Status413PayloadTooLarge => ("too_large", "The request is too large."),
            StatusCodes.Status415UnsupportedMediaType => ("not_json", "The request's body is not JSON: send it with Content-Type: application/json."),
            >= 500 => ("internal", "The platform could not do this."),
            _ => ("bad_request", "The request is not one that this address takes."),
        };
        return WriteAsync(context, context.Response.StatusCode, code, detail);
    }
}

/// <param name="TraceId">Null unless it was an error of ours.</param>
internal sealed record ProblemBody(string Type, string Title, int Status, string Detail, string Code, string? TraceId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;
