using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;

namespace Paas.Apps;

/// <summary>Apps and their settings; what makes a release (config, formation, restart) is with the deploys.</summary>
internal static class AppsEndpoints
{
    public static void MapAppsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps").WithTags("apps").RequireAuthorization();
        api.MapGet("", List).WithSummary("The team's apps.");
        api.MapPost("", CreateAsync).WithSummary("A new, empty app.");
        api.MapGet("/{app}", Get).WithSummary("One app.");
        api.MapPatch("/{app}", UpdateAsync).WithSummary("Renames the app or changes its settings.");
        api.MapDelete("/{app}", DestroyAsync).WithSummary("Stops the app and frees its name; its data stays in the trash for 7 days.");
    }

    private static Ok<IReadOnlyList<AppView>> List(ClaimsPrincipal user, AppStore apps, DescribeApp describe) =>
        TypedResults.Ok<IReadOnlyList<AppView>>([.. apps.OfTeam(Caller.Of(user).TeamId).Select(app => describe(app))]);

    private static Ok<AppView> Get(string app, ClaimsPrincipal user, AppStore apps, DescribeApp describe) =>
        TypedResults.Ok(describe(apps.Get(Caller.Of(user).TeamId, app)));

    private static async Task<Created<AppView>> CreateAsync(
        CreateApp request, ClaimsPrincipal user, AppStore apps, AppEvents events, DescribeApp describe, IEnumerable<CheckBuildpacks> checks, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var name = AppName.Parse(request.Name);
        var buildpacks = AppSettingRules.Buildpacks(request.Buildpacks ?? []);
        Check(checks, caller.TeamId, buildpacks);
        var app = apps.Create(caller.TeamId, name, buildpacks);
        await events.TellAsync(new AppChange(app, caller.Name, "app.created", $"Created {app.Name}."), cancellationToken);
        return TypedResults.Created($"/api/v1/apps/{app.Name}", describe(app));
    }

    private static async Task<Ok<AppView>> UpdateAsync(
        string app, UpdateApp request, ClaimsPrincipal user, AppStore apps, AppEvents events, DescribeApp describe, IEnumerable<CheckBuildpacks> checks, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var before = apps.Get(caller.TeamId, app);
        var after = AppSettingRules.Apply(before, request) with { Name = request.Name is null ? before.Name : AppName.Parse(request.Name).ToString() };
        if (after.Buildpacks != before.Buildpacks)
        {
            Check(checks, caller.TeamId, after.Buildpacks);
        }

        if (after != before)
        {
            apps.Update(after);
            await events.TellAsync(ChangeOf(before, after, caller.Name), cancellationToken);
        }

        return TypedResults.Ok(describe(after));
    }

    private static async Task<NoContent> DestroyAsync(string app, ClaimsPrincipal user, AppStore apps, AppEvents events)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        if (apps.Destroy(owned))
        {
            // Not cancelled with the request: the name is free already, so the rest has to follow.
            await events.TellAsync(new AppChange(owned, caller.Name, "app.destroyed", $"Destroyed {owned.Name}."), CancellationToken.None);
            await events.SettleAsync(owned, CancellationToken.None);
        }

        return TypedResults.NoContent();
    }

    private static void Check(IEnumerable<CheckBuildpacks> checks, long teamId, string buildpacks)
    {
        foreach (var check in buildpacks.Length > 0 ? checks : [])
        {
            check(teamId, BuildpackName.Split(buildpacks));
        }
    }

    private static AppChange ChangeOf(App before, App after, string actor) => before.Name == after.Name
        ? new AppChange(after, actor, "app.changed", $"Changed the settings of {after.Name}.")
        : new AppChange(after, actor, "app.renamed", $"Renamed {before.Name} to {after.Name}.", before.Name);
}
