using System.Security.Claims;

namespace Paas.Accounts;

/// <summary>Who is asking: every query of theirs is filtered by their team (trust rule 5).</summary>
/// <param name="TokenId">The token that proved it.</param>
public sealed record Caller(long UserId, string Name, long TeamId, long TokenId)
{
    /// <summary>Of an authenticated request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint has no policy.</exception>
    public static Caller Of(ClaimsPrincipal principal) => principal.Identities.Select(identity => identity.BootstrapContext).OfType<Caller>().FirstOrDefault()
        ?? throw new InvalidOperationException("The endpoint lacks an authorization policy.");

    /// <summary>As ASP.NET Core carries it.</summary>
    public ClaimsPrincipal ToPrincipal(string scheme) => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, Name)], scheme) { BootstrapContext = this });
}
