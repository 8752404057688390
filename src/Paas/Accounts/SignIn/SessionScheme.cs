using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Paas.Accounts.SignIn;

/// <summary>Authenticates a browser by its session cookie, where an endpoint asks for it (<see cref="AccountPolicies"/>); the API does not.</summary>
internal sealed class SessionScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Sessions sessions, SessionCookie cookie)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Session";

    /// <summary>Long enough for a page to say that it was signed out before its circuit is closed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (cookie.Read(Request) is not { } secret)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (!SameOrigin.Allows(Request))
        {
            return Task.FromResult(AuthenticateResult.Fail("The request comes from another site."));
        }

        if (sessions.Find(secret) is not { } session)
        {
            return Task.FromResult(AuthenticateResult.Fail("The session has ended."));
        }

        SessionGuard.Watch(Context, session, Grace, TimeProvider);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(session.Caller.ToPrincipal(Name), Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        Response.Headers.CacheControl = "no-store";
        if (Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            // A form cannot be come back to; the page that it was on can be opened again.
            Response.StatusCode = StatusCodes.Status303SeeOther;
            Response.Headers.Location = HttpMethods.IsGet(Request.Method)
                ? ReturnPath.SignInPage(Request.Path + Request.QueryString, ended: cookie.Read(Request) is not null)
                : ReturnPath.SignInPage(ReturnPath.Home, ended: true);
            return Task.CompletedTask;
        }

        return Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "signed_out", "You are signed out: sign in again at /signin.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, StatusCodes.Status403Forbidden, "forbidden", "Your account may not do this: ask an administrator of the team.");
}
