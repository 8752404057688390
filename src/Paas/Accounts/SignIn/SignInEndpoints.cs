using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Paas.Accounts.SignIn;

/// <summary>The ways in (a one-time link, a password, a passkey) and out again.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this RouteGroupBuilder pages)
    {
        pages.MapGet("/signin", SignInPage).AllowAnonymous();
        pages.MapPost("/signin", UsePassword).AllowAnonymous();
        pages.MapPost("/signin/passkey/options", PasskeyOptions).AllowAnonymous();
        pages.MapPost("/signin/passkey", UsePasskey).AllowAnonymous();
        pages.MapGet("/signin/{code}", LinkPage).AllowAnonymous();
        pages.MapPost("/signin/{code}", UseLink).AllowAnonymous();
        pages.MapPost("/signout", SignOut).RequireAuthorization(AccountPolicies.Dashboard);
    }

    private static RazorComponentResult SignInPage([FromQuery(Name = "return")] string? back, string? problem, AccountStore accounts) =>
        accounts.HasUsers() ? AccountPages.SignIn(back, problem == "ended" ? AccountPages.SignedOut : null) : AccountPages.NoAdministrator();

    private static async Task<IResult> UsePassword(HttpContext http, Passwords passwords, SignIns signIns, CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        var (name, back) = (form["user"].ToString().Trim(), form["return"].ToString());
        var tried = await passwords.TryAsync(name, form["password"].ToString(), ClientAddress.Of(http), cancellationToken);
        if (tried.LockedUntil is { } until)
        {
            return AccountPages.SignIn(
                back,
                string.Create(CultureInfo.InvariantCulture, $"Too many wrong passwords: none is taken until {until:HH:mm} UTC. A one-time link or a passkey signs you in now."),
                name,
                StatusCodes.Status429TooManyRequests);
        }

        if (tried.UserId is not { } user)
        {
            return AccountPages.SignIn(back, "The user name or the password is wrong. Try again, or sign in with a one-time link.", name, StatusCodes.Status400BadRequest);
        }

        signIns.Begin(http, user, "password");
        return SeeOther.To(ReturnPath.Of(back));
    }

    private static async Task<JsonHttpResult<PasskeyCeremony>> PasskeyOptions(HttpContext http, Passkeys passkeys) =>
        TypedResults.Json(await passkeys.BeginSigningInAsync(http), SignInJson.Default.PasskeyCeremony);

    private static async Task<IResult> UsePasskey(HttpContext http, Passkeys passkeys, SignIns signIns, CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        if (await passkeys.SignInAsync(form["ticket"].ToString(), form["credential"].ToString(), http) is not { } user)
        {
            return AccountPages.SignIn(
                form["return"], "That passkey does not sign in here, or the page was open for too long. Try again, or use another way in.", null, StatusCodes.Status400BadRequest);
        }

        signIns.Begin(http, user, "passkey");
        return SeeOther.To(ReturnPath.Of(form["return"]));
    }

    private static RazorComponentResult LinkPage(string code, SignInLinks links) =>
        links.UserOf(code) is { } user ? AccountPages.Link(user) : AccountPages.LinkIsOver();

    private static IResult UseLink(string code, [FromQuery(Name = "return")] string? back, HttpContext http, SignInLinks links, SignIns signIns)
    {
        if (links.Use(code) is not { } user)
        {
            return AccountPages.LinkIsOver();
        }

        signIns.Begin(http, user, "link");
        return SeeOther.To(ReturnPath.Of(back));
    }

    private static SeeOther SignOut(HttpContext http, SignIns signIns)
    {
        signIns.End(http);
        return SeeOther.To("/signin");
    }
}
