using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>The cookie that carries a session's secret: no script reads it, other sites' forms do not send it.</summary>
/// <remarks>Lax, not Strict: a link to the dashboard in a chat opens it; what moves something is held by <see cref="SameOrigin"/> and
/// antiforgery tokens, because an app at a name below the platform's counts as the same site.
/// With HTTPS the name begins with __Host- (RFC 6265bis, 4.1.3.2): an app below the base domain cannot set it in the platform's place.</remarks>
internal sealed class SessionCookie(PlatformAddress address)
{
    private readonly bool _secure = address.BaseUrl.Scheme == Uri.UriSchemeHttps;

    public string Name => _secure ? "__Host-paas_session" : "paas_session";

    /// <summary>Null when the browser sent none.</summary>
    public string? Read(HttpRequest request) => request.Cookies[Name];

    public void Write(HttpResponse response, string secret, DateTimeOffset until) => response.Cookies.Append(Name, secret, Options(until));

    public void Delete(HttpResponse response) => response.Cookies.Delete(Name, Options(null));

    private CookieOptions Options(DateTimeOffset? until) => new()
    {
        HttpOnly = true,
        Secure = _secure,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        Expires = until,
        IsEssential = true,
    };
}
