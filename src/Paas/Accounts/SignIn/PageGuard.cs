using Microsoft.AspNetCore.Antiforgery;

namespace Paas.Accounts.SignIn;

/// <summary>In front of every account page and form: headers that keep the page to itself, and no form that is not ours.</summary>
internal sealed class PageGuard(IAntiforgery antiforgery) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not "no-referrer": with it browsers post "Origin: null" (Fetch, "append a request Origin header"). No other site is told anything.
        headers["Referrer-Policy"] = "same-origin";
        return HttpMethods.IsPost(http.Request.Method) && !await IsOursAsync(http) ? AccountPages.FormIsStale() : await next(context);
    }

    private async Task<bool> IsOursAsync(HttpContext http)
    {
        if (!SameOrigin.Allows(http.Request))
        {
            return false;
        }

        try
        {
            return await antiforgery.IsRequestValidAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }
}
