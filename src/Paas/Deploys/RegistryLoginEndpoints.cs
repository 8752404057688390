using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Activity;
using Paas.Client;
using Paas.Oci;
using Paas.State;

namespace Paas.Deploys;

/// <summary>The team's logins at other registries; passwords go in and never come out.</summary>
internal static class RegistryLoginEndpoints
{
    private const int MaxUsername = 255;
    private const int MaxPassword = 16 << 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/registry-credentials").WithTags("registry");
        api.MapGet("", List).WithSummary("The team's logins at other registries, without their passwords.");
        api.MapPut("/{host}", SetAsync).WithSummary("Keeps a login for a registry after it was tried there.");
        api.MapDelete("/{host}", Remove).WithSummary("Forgets the login for a registry.");
    }

    private static Ok<RegistryLoginView[]> List(ClaimsPrincipal user, RegistryLoginStore logins) =>
        TypedResults.Ok(logins.List(Caller.Of(user).TeamId).Select(View).ToArray());

    private static async Task<Ok<RegistryLoginView>> SetAsync(
        string host, SetRegistryLogin wish, ClaimsPrincipal user, RegistryLoginStore logins, RegistryClient client, ActivityLog activity, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var (registry, login) = (HostOf(host), LoginOf(wish));
        try
        {
            await client.SignInAsync(registry, wish.PlainHttp, login, cancellationToken);
        }
        catch (RegistryClientException refused)
        {
            throw new UserError("registry_login_refused", 422, refused.Message);
        }
        catch (FormatException refused)
        {
            throw new UserError("registry_host_invalid", 400, refused.Message);
        }

        logins.Set(caller.TeamId, registry, login, caller.Name);
        activity.Record(caller.TeamId, null, caller.Name, "registry.login", $"Signed in at {registry} as {login.Username}.");
        return TypedResults.Ok(View(logins.List(caller.TeamId).Single(item => item.Host == registry)));
    }

    private static NoContent Remove(string host, ClaimsPrincipal user, RegistryLoginStore logins, ActivityLog activity)
    {
        var (caller, registry) = (Caller.Of(user), HostOf(host));
        if (!logins.Remove(caller.TeamId, registry))
        {
            throw new UserError("registry_login_not_found", 404, $"There is no login for {registry}. See them with: paas registry logins");
        }

        activity.Record(caller.TeamId, null, caller.Name, "registry.logout", $"Signed out at {registry}.");
        return TypedResults.NoContent();
    }

    private static string HostOf(string text)
    {
        try
        {
            return ImageReference.ParseHost(text);
        }
        catch (FormatException error)
        {
            throw new UserError("registry_host_invalid", 400, error.Message);
        }
    }

    private static RegistryCredentials LoginOf(SetRegistryLogin wish) => wish switch
    {
        { Username: null or "" or { Length: > MaxUsername } } => throw Invalid("The user name has 1 to 255 characters."),
        { Username: var name } when name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl) => throw Invalid("A user name has no ':' and no control characters."),
        { Password: null or "" or { Length: > MaxPassword } } => throw Invalid("The password has 1 to 16,384 characters."),
        { Password: var password } when password.Any(char.IsControl) => throw Invalid("The password has control characters: give it as one line."),
        _ => new RegistryCredentials(wish.Username, wish.Password),
    };

    private static UserError Invalid(string sentence) => new("registry_login_invalid", 400, sentence);

    private static RegistryLoginView View(RegistryLogin login) => new(login.Host, login.Username, login.Actor, login.UpdatedAt);
}
