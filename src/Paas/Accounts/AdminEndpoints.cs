using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts.SignIn;
using Paas.Client;

namespace Paas.Accounts;

/// <summary>What root on the machine may ask: the first administrator and a token for a locked-out owner.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var admin = app.MapGroup("/admin").AllowAnonymous().ExcludeFromDescription().RequireAdminSocket();
        admin.MapPost("/bootstrap", Bootstrap);
        admin.MapPost("/signin-link", SignInLink);
    }

    private static Ok<Bootstrapped> Bootstrap(Bootstrap request, AccountStore accounts, Tokens tokens)
    {
        var (id, name) = accounts.Bootstrap(request.User);
        var tokenName = request.TokenName ?? "cli";
        return TypedResults.Ok(new Bootstrapped(name, tokenName, tokens.Replace(id, tokenName)));
    }

    /// <summary>Also makes the first administrator, as bootstrap does: the link is their way in.</summary>
    private static Ok<SignInLinkView> SignInLink(CreateSignInLink request, AccountStore accounts, SignInLinks links) =>
        TypedResults.Ok(links.Create(accounts.Bootstrap(request.User).Id));
}
