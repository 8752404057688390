using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Activity;
using Paas.Apps;
using Paas.Client;

namespace Paas.Catalog;

/// <summary>Buildpacks of the platform and those that the team added.</summary>
internal static class BuildpacksEndpoints
{
    public static void MapBuildpacksApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/buildpacks").WithTags("buildpacks").RequireAuthorization();
        api.MapGet("", List).WithSummary("The platform's buildpacks and those that the team added, with the apps that name them.");
        api.MapPost("", AddAsync).WithSummary("Adds the buildpack of a git repository or of an image; what was asked for is the last of the answer, after its parts.");
        api.MapPost("/upload", UploadAsync).WithSummary("Adds a buildpack from the body: a tar of its folder, or a .cnb file.");
        api.MapDelete("/{**name}", Remove).WithSummary("Removes a buildpack that the team added: id, or id@version.");
    }

    private static Ok<IReadOnlyList<BuildpackView>> List(ClaimsPrincipal user, TeamCatalog catalog) => TypedResults.Ok(catalog.List(Caller.Of(user).TeamId));

    private static async Task<Ok<IReadOnlyList<BuildpackView>>> AddAsync(AddBuildpack request, ClaimsPrincipal user, BuildpackAdding adding, TeamCatalog catalog, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        return TypedResults.Ok(catalog.Views(caller.TeamId, await adding.FromAddressAsync(caller, request.Source?.Trim() ?? "", cancellationToken)));
    }

    private static async Task<Ok<IReadOnlyList<BuildpackView>>> UploadAsync(
        HttpContext context, string? name, string? folder, ClaimsPrincipal user, BuildpackAdding adding, TeamCatalog catalog, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // The archive has a limit of its own.
            limit.MaxRequestBodySize = null;
        }

        return TypedResults.Ok(catalog.Views(caller.TeamId, await adding.FromArchiveAsync(caller, context.Request.Body, name ?? "", folder ?? "", cancellationToken)));
    }

    private static NoContent Remove(string name, ClaimsPrincipal user, TeamCatalog catalog, ActivityLog activity)
    {
        var caller = Caller.Of(user);
        var removed = catalog.Remove(caller.TeamId, BuildpackName.Parse(name));
        activity.Record(caller.TeamId, null, caller.Name, "buildpack.removed", $"Removed the buildpack {removed}.");
        return TypedResults.NoContent();
    }
}
