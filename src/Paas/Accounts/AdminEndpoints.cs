using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Client;

namespace Paas.Accounts;

/// <summary>What root on the machine may ask: the first administrator and a token for a locked-out owner.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var admin = app.MapGroup("/admin").AllowAnonymous().ExcludeFromDescription().RequireAdminSocket();
        admin.MapPost("/bootstrap", Bootstrap);
    }

    private static Ok<Bootstrapped> Bootstrap(Bootstrap request, AccountStore accounts, Tokens tokens)
    {
        var (id, name) = accounts.Bootstrap(request.User);
        var tokenName = request.TokenName ?? "cli";
        return TypedResults.Ok(new Bootstrapped(name, tokenName, tokens.Replace(id, tokenName)));
    }
}
