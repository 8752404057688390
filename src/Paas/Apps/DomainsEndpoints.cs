using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>Host names that an app answers for.</summary>
internal static class DomainsEndpoints
{
    public static void MapDomainsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps/{app}/domains").WithTags("domains").RequireAuthorization();
        api.MapGet("", List).WithSummary("The app's domains, the platform's own name for it first.");
        api.MapPost("", AddAsync).WithSummary("Adds a domain; one that the app has already is no error.");
        api.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a domain.");
    }

    private static Ok<IReadOnlyList<DomainView>> List(string app, ClaimsPrincipal user, AppStore apps, PlatformAddress address)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, app);
        return TypedResults.Ok<IReadOnlyList<DomainView>>(
            [View(address.HostOf(owned.Name), builtIn: true, address), .. apps.DomainsOf(owned.Id).Select(name => View(name, builtIn: false, address))]);
    }

    private static async Task<Ok<DomainView>> AddAsync(
        string app, AddDomain request, ClaimsPrincipal user, AppStore apps, AppEvents events, PlatformAddress address, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        var domain = DomainName.Parse(request.Name);
        if (apps.AddDomain(owned, domain))
        {
            await events.TellAsync(new AppChange(owned, caller.Name, "domain.added", $"Added the domain {domain}."), cancellationToken);
        }

        var name = domain.ToString();
        return TypedResults.Ok(View(name, name == address.HostOf(owned.Name), address));
    }

    private static async Task<NoContent> RemoveAsync(
        string app, string name, ClaimsPrincipal user, AppStore apps, AppEvents events, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        apps.RemoveDomain(owned, name);
        await events.TellAsync(new AppChange(owned, caller.Name, "domain.removed", $"Removed the domain {Printable.Short(name)}."), cancellationToken);
        return TypedResults.NoContent();
    }

    private static DomainView View(string name, bool builtIn, PlatformAddress address) => new(name, address.UrlOf(name), builtIn);
}
