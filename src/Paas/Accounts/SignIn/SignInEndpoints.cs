using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Paas.Accounts.SignIn;

/// <summary>The ways in: /signin, a one-time link, and out again.</summary>
internal static class SignInEndpoints
{
    private const int LargestForm = 16 * 1024;

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter<PageGuard>().WithMetadata(new RequestSizeLimitAttribute(LargestForm));
        pages.MapGet("/signin", SignInPage).AllowAnonymous();
        pages.MapGet("/signin/{code}", LinkPage).AllowAnonymous();
        pages.MapPost("/signin/{code}", UseLink).AllowAnonymous();
        pages.MapPost("/signout", SignOut).RequireAuthorization(AccountPolicies.Dashboard);
    }

    private static RazorComponentResult SignInPage(AccountStore accounts) =>
        accounts.HasUsers() ? AccountPages.SignIn() : AccountPages.NoAdministrator();

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

    private static SeeOther SignOut(HttpContext http, ClaimsPrincipal user, SignIns signIns)
    {
        signIns.End(http);
        return SeeOther.To("/signin");
    }
}
