using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.State;

namespace Paas.Releases;

/// <summary>Reading releases; rolling back is a deploy and lives there.</summary>
internal static class ReleasesEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}/releases").WithTags("releases");
        app.MapGet("", List).WithSummary("The app's releases, newest first.");
        app.MapGet("/{number:int}", Get).WithSummary("One release.");
    }

    public static ReleaseView View(Release release, int? current) => new(
        release.Number,
        release.Number == current,
        release.Good,
        release.Description,
        release.Image.ToString(),
        release.Commit,
        release.Actor,
        release.Processes,
        [.. release.Config.Select(item => item.Name).Order(StringComparer.Ordinal)],
        release.CreatedAt);

    private static Ok<ReleaseView[]> List(string app, int? limit, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, CurrentRelease current)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var number = current(owner.Id);
        return TypedResults.Ok(releases.List(owner.Id, Math.Clamp(limit ?? 25, 1, 200)).Select(release => View(release, number)).ToArray());
    }

    private static Ok<ReleaseView> Get(string app, int number, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, CurrentRelease current)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var release = releases.Find(owner.Id, number) ?? throw new UserError("release_not_found", 404, $"There is no release v{number} of {app}. See them with: paas releases");
        return TypedResults.Ok(View(release, current(owner.Id)));
    }
}

/// <summary>Which release of the app serves; null before the first. Bound by the slice that knows (Instances).</summary>
public delegate int? CurrentRelease(long appId);
