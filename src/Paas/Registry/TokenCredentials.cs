using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;

namespace Paas.Registry;

/// <summary>Who sends a request, by its Authorization header: Basic with a token as the password and any user name (RFC 7617), which clients may
/// send unasked; or Bearer (RFC 6750) with what the token endpoint gave, or with a token itself.</summary>
internal sealed class TokenCredentials(Tokens tokens, RobotTokens robots, BearerTokens bearers, TokenLockout lockout, TokenChallenge challenge)
{
    /// <exception cref="RegistryError">UNAUTHORIZED: the credentials are wrong. TOOMANYREQUESTS: so were many before.</exception>
    public RegistryCaller Of(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return new RegistryCaller.Nobody();
        }

        if (AuthenticationHeaderValue.TryParse(header, out var sent) && sent.Parameter is { } parameter)
        {
            if (sent.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            {
                return OfBearer(context, parameter);
            }

            if (sent.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Pair(parameter) is { } pair)
            {
                return pair.Password.Length == 0 && pair.User.Length == 0 ? new RegistryCaller.Nobody() : OfPassword(context, pair.User, pair.Password);
            }
        }

        lockout.Wrong(context, "");
        throw RegistryError.Unauthorized(challenge.For(context, null));
    }

    /// <param name="user">Decoration: the token says who it is.</param>
    /// <exception cref="RegistryError">As <see cref="Of"/>.</exception>
    public RegistryCaller OfPassword(HttpContext context, string user, string token) => Known(token) ?? throw Wrong(context, user);

    private RegistryCaller OfBearer(HttpContext context, string token)
    {
        if (Known(token) is { } known)
        {
            return known;
        }

        if (bearers.Open(token) is { } caller)
        {
            return caller;
        }

        // One that expired is nobody's fault; what this install never sealed is a guess, but neither is worth more than an answer.
        throw BearerTokens.LooksLikeOne(token) ? RegistryError.Unauthorized(challenge.For(context, "invalid_token")) : Wrong(context, "", "invalid_token");
    }

    private RegistryCaller? Known(string token) => tokens.Authenticate(token) is { } user ? new RegistryCaller.User(user)
        : robots.Authenticate(token) is { } robot ? BearerTokens.Of(robot)
        : null;

    /// <summary>Counts them.</summary>
    /// <exception cref="RegistryError">TOOMANYREQUESTS.</exception>
    public RegistryError Wrong(HttpContext context, string user, string? error = null)
    {
        lockout.Wrong(context, user);
        return RegistryError.Unauthorized(challenge.For(context, error));
    }

    private static (string User, string Password)? Pair(string parameter)
    {
        var decoded = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, decoded, out var length) && Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is [var user, var password]
            ? (user, password)
            : null;
    }
}
