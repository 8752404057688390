using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Paas.Dashboard;

/// <summary>A browser that asks for an address where there is nothing gets the "not found" page; programs get what the API gives them.</summary>
internal sealed class PageAddresses(RequestDelegate next, EndpointDataSource endpoints)
{
    private static readonly string[] NotPages = ["/api", "/git", "/v2", "/admin", "/_blazor", "/_framework", "/_content", "/assets", "/lib"];
    private Endpoint? _notFound;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is null && IsPage(context.Request))
        {
            context.SetEndpoint(_notFound ??= endpoints.Endpoints.OfType<RouteEndpoint>().First(endpoint => endpoint.RoutePattern.RawText == Pages.NotFound.Address));
            // Said last: the renderer leaves an answer empty that is a 404 already. One that is signed out is sent to sign in.
            context.Response.OnStarting(static state =>
            {
                var response = (HttpResponse)state;
                response.StatusCode = response.StatusCode == StatusCodes.Status200OK ? StatusCodes.Status404NotFound : response.StatusCode;
                return Task.CompletedTask;
            }, context.Response);
        }

        return next(context);
    }

    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !NotPages.Any(prefix => request.Path.StartsWithSegments(prefix, StringComparison.Ordinal));
}
