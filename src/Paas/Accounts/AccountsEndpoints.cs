using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Client;
using Paas.State;

namespace Paas.Accounts;

/// <summary>Who am I, and my tokens.</summary>
internal static class AccountsEndpoints
{
    public static void MapAccountsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("accounts").RequireAuthorization();
        api.MapGet("/whoami", WhoAmI);
        api.MapGet("/tokens", List);
        api.MapPost("/tokens", Create);
        api.MapDelete("/tokens/{name}", Revoke);
    }

    private static Ok<WhoAmI> WhoAmI(ClaimsPrincipal user, AccountStore accounts, Tokens tokens)
    {
        var caller = Caller.Of(user);
        return TypedResults.Ok(new WhoAmI(caller.Name, accounts.TeamName(caller.TeamId), caller.SessionId is null ? tokens.NameOf(caller.TokenId) ?? "" : "browser session"));
    }

    private static Ok<IReadOnlyList<TokenView>> List(ClaimsPrincipal user, Tokens tokens) => TypedResults.Ok(tokens.List(Caller.Of(user).UserId));

    private static Created<CreatedToken> Create(CreateToken request, ClaimsPrincipal user, Tokens tokens) =>
        TypedResults.Created((string?)null, new CreatedToken(request.Name, tokens.Create(Caller.Of(user).UserId, request.Name)));

    private static NoContent Revoke(string name, ClaimsPrincipal user, Tokens tokens) =>
        tokens.Revoke(Caller.Of(user).UserId, name)
            ? TypedResults.NoContent()
            : throw new UserError("token_not_found", 404, $"You have no token named '{Printable.Short(name)}'. List yours with: paas tokens list");
}
