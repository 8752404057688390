using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Client;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>My browsers that are signed in, and a link for another one.</summary>
internal static class SessionsEndpoints
{
    public static void MapSessionsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("accounts").RequireAuthorization();
        api.MapPost("/signin-links", CreateLink).WithSummary("A one-time link that signs a browser in: 15 minutes, single use.");
        api.MapGet("/sessions", List).WithSummary("Browsers that are signed in, last seen first.");
        api.MapDelete("/sessions/{id:long}", Revoke);
        api.MapDelete("/sessions", RevokeAll).WithSummary("Sign out everywhere; links that were not used yet end too.");
    }

    private static Created<SignInLinkView> CreateLink(ClaimsPrincipal user, SignInLinks links, AccountChanged changed)
    {
        var caller = Caller.Of(user);
        var link = links.Create(caller.UserId);
        changed(new AccountChange(caller.TeamId, caller.Name, "signin_link.made", "made a one-time sign-in link"));
        return TypedResults.Created((string?)null, link);
    }

    private static Ok<IReadOnlyList<SessionView>> List(ClaimsPrincipal user, Sessions sessions) =>
        TypedResults.Ok(sessions.List(Caller.Of(user).UserId, Caller.Of(user).SessionId));

    private static NoContent Revoke(long id, ClaimsPrincipal user, SignIns signIns) =>
        signIns.End(Caller.Of(user), id)
            ? TypedResults.NoContent()
            : throw new UserError("session_not_found", 404, "You have no such session: it ended already. List yours with: paas sessions");

    private static NoContent RevokeAll(ClaimsPrincipal user, SignIns signIns)
    {
        signIns.EndEverywhere(Caller.Of(user));
        return TypedResults.NoContent();
    }
}
