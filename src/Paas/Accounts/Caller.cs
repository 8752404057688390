using System.Globalization;
using System.Security.Claims;

namespace Paas.Accounts;

/// <summary>Who is asking: every query of theirs is filtered by their team (trust rule 5).</summary>
/// <param name="TokenId">The API token that proved it; 0 where a session did.</param>
/// <param name="SessionId">The browser's session, of its cookie or of a token made for it; null for an API token.</param>
public sealed record Caller(long UserId, string Name, long TeamId, long TokenId, long? SessionId = null)
{
    /// <summary>Of an authenticated request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint has no policy.</exception>
    public static Caller Of(ClaimsPrincipal principal) => principal.Identities.Select(identity => identity.BootstrapContext).OfType<Caller>().FirstOrDefault()
        ?? throw new InvalidOperationException("The endpoint lacks an authorization policy.");

    /// <summary>As ASP.NET Core carries it. Antiforgery tokens are bound to the claims, and so to the session.</summary>
    public ClaimsPrincipal ToPrincipal(string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, Name),
            .. SessionId is { } id ? [new Claim("session", id.ToString(CultureInfo.InvariantCulture))] : Array.Empty<Claim>(),
        ],
        scheme)
    { BootstrapContext = this });
}
