using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Paas.Logs;

/// <summary>Lines of text as a file to keep, written as they are read.</summary>
/// <param name="name">Of the file.</param>
/// <param name="lines">Called once with a token that fires when the reader is gone.</param>
internal sealed class TextDownload(string name, Func<CancellationToken, IAsyncEnumerable<string>> lines) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain"]));

    /// <summary>"shop-20260101-120000.log".</summary>
    public static string NameOf(string what, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{what}-{now.UtcDateTime:yyyyMMdd-HHmmss}.log");

    /// <summary>ISO 8601 in UTC with milliseconds.</summary>
    public static string TimeOf(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        httpContext.Response.ContentType = "text/plain; charset=utf-8";
        headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        var writer = new StreamWriter(httpContext.Response.Body);
        await using (writer)
        {
            await foreach (var line in lines(httpContext.RequestAborted))
            {
                await writer.WriteAsync(line.AsMemory(), httpContext.RequestAborted);
                await writer.WriteAsync("\n".AsMemory(), httpContext.RequestAborted);
            }
        }
    }
}
