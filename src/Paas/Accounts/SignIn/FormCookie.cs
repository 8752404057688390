using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>The cookie that a form's hidden token has to fit (antiforgery), named and closed like <see cref="SessionCookie"/>.</summary>
internal sealed class FormCookie : CookieBuilder
{
    private readonly bool _secure;

    public FormCookie(PlatformAddress address)
    {
        _secure = address.BaseUrl.Scheme == Uri.UriSchemeHttps;
        Name = _secure ? "__Host-paas_form" : "paas_form";
        HttpOnly = true;
        SameSite = SameSiteMode.Strict;
        Path = "/";
        IsEssential = true;
        // "Always" would make antiforgery refuse every request, because TLS ends at the edge.
        SecurePolicy = CookieSecurePolicy.None;
    }

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Secure = _secure;
        return options;
    }
}
