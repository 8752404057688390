namespace Paas.Accounts.SignIn;

/// <summary>Whether a request that carries the cookie comes from the platform's own pages.</summary>
/// <remarks>Apps live at names below the platform's, so browsers call them the same site and send the cookie along: only the same origin counts.
/// Sec-Fetch-* (Fetch Metadata) cannot be set by scripts, but comes over HTTPS and on localhost only; Origin comes with every POST and WebSocket.</remarks>
internal static class SameOrigin
{
    /// <summary>True for what one of our pages sent, and for a page that somebody opens from anywhere: opening changes nothing.</summary>
    public static bool Allows(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsOwn(origin, request.Host))
        {
            return false;
        }

        if (!ChangesNothing(request))
        {
            return site == "same-origin" || (site.Length == 0 && origin.Length > 0);
        }

        return site is "" or "none" or "same-origin"
            || (request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document");
    }

    /// <summary>A WebSocket begins as a GET (RFC 6455), or as a CONNECT (RFC 8441), and then does anything.</summary>
    private static bool ChangesNothing(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Upgrade.Count == 0;

    /// <summary>By host and port: where TLS ends before us, the scheme is not the browser's. "null" is nobody's.</summary>
    public static bool IsOwn(string origin, HostString host) =>
        host.HasValue
        && (origin.Equals($"https://{host.Value}", StringComparison.OrdinalIgnoreCase) || origin.Equals($"http://{host.Value}", StringComparison.OrdinalIgnoreCase));
}
