using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Paas.Accounts.SignIn;

namespace Paas.Accounts;

/// <summary>Authenticates a request by its token: "Authorization: Bearer" (RFC 6750, 2.1), or Basic with the token as the
/// password and any user name (RFC 7617), which is what git and registry clients send.</summary>
internal sealed class TokenScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Tokens tokens, SessionTokens sessionTokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Token";

    /// <summary>The request that ends its own session is still answered.</summary>
    private static readonly TimeSpan EndedGrace = TimeSpan.FromSeconds(1);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request.Headers.Authorization.ToString()) is not { } token)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        return Task.FromResult((tokens.Authenticate(token) ?? OfSession(token)) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Name), Name))
            : AuthenticateResult.Fail("The token is unknown or revoked."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Only Basic makes git ask for a password; the API's clients are told of Bearer, so that no browser opens a dialogue.
        Response.Headers.WWWAuthenticate = Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) ? "Bearer" : "Basic realm=\"paas\", charset=\"UTF-8\"";
        var sent = Request.Headers.Authorization.Count > 0;
        return Problems.WriteAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            "unauthenticated",
            sent ? "The token is unknown or revoked: sign in again with a token that exists." : "This needs a token: sign in with 'paas login', or send one as Bearer.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, StatusCodes.Status403Forbidden, "forbidden", "Your account may not do this: ask an administrator of the team.");

    /// <summary>What the dashboard asks for somebody ends with their session, streams included.</summary>
    private Caller? OfSession(string token)
    {
        if (sessionTokens.Authenticate(token) is not { } session)
        {
            return null;
        }

        SessionGuard.Watch(Context, session, EndedGrace, TimeProvider);
        return session.Caller;
    }

    /// <summary>Null when the header names no token.</summary>
    internal static string? TokenOf(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || value.Parameter is not { } parameter)
        {
            return null;
        }

        if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter.Trim();
        }

        if (!value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
