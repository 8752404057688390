using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>One's own account: password, passkeys, sessions. Reached with a browser's session only: a token that leaked changes none of it.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this RouteGroupBuilder pages)
    {
        var account = pages.MapGroup("/settings/account").RequireAuthorization(AccountPolicies.Dashboard);
        account.MapGet("", Page);
        account.MapPost("/password", SetPassword);
        account.MapPost("/passkeys/options", PasskeyOptions);
        account.MapPost("/passkeys", AddPasskey);
        account.MapPost("/passkeys/{id:long}/remove", RemovePasskey);
        account.MapPost("/sessions/{id:long}/end", EndSession);
        account.MapPost("/sessions/end", EndSessions);
    }

    private static RazorComponentResult Page(string? done, ClaimsPrincipal user, OwnAccount account) => account.Page(Caller.Of(user), Done(done), null);

    private static async Task<IResult> SetPassword(HttpContext http, ClaimsPrincipal user, OwnAccount account, CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        try
        {
            await account.SetPasswordAsync(Caller.Of(user), form["current"].ToString(), form["password"].ToString(), form["again"].ToString(), ClientAddress.Of(http), cancellationToken);
            return SeeOther.To("/settings/account?done=password");
        }
        catch (UserError error)
        {
            return account.Page(Caller.Of(user), null, error);
        }
    }

    private static async Task<IResult> PasskeyOptions(HttpContext http, ClaimsPrincipal user, OwnAccount account) =>
        TypedResults.Json(await account.BeginPasskeyAsync(Caller.Of(user), http), SignInJson.Default.PasskeyCeremony);

    private static async Task<IResult> AddPasskey(HttpContext http, ClaimsPrincipal user, OwnAccount account, CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        try
        {
            await account.AddPasskeyAsync(Caller.Of(user), form["ticket"].ToString(), form["credential"].ToString(), http);
            return SeeOther.To("/settings/account?done=passkey");
        }
        catch (UserError error)
        {
            return account.Page(Caller.Of(user), null, error);
        }
    }

    private static SeeOther RemovePasskey(long id, ClaimsPrincipal user, OwnAccount account)
    {
        account.RemovePasskey(Caller.Of(user), id);
        return SeeOther.To("/settings/account?done=passkey-removed");
    }

    private static SeeOther EndSession(long id, ClaimsPrincipal user, SignIns signIns)
    {
        signIns.End(Caller.Of(user), id);
        return SeeOther.To("/settings/account?done=session");
    }

    private static SeeOther EndSessions(HttpContext http, ClaimsPrincipal user, SignIns signIns)
    {
        signIns.EndEverywhere(Caller.Of(user));
        signIns.End(http);
        return SeeOther.To("/signin");
    }

    /// <summary>Null for what nothing here says.</summary>
    private static string? Done(string? done) => done switch
    {
        "password" => "The password is set. Every other session was signed out.",
        "passkey" => "The passkey is added: it signs you in from now on.",
        "passkey-removed" => "The passkey is removed here. Delete it from your device too, so that it is not offered any more.",
        "session" => "The session has ended.",
        _ => null,
    };
}
