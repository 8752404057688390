using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Builds.Dockerfiles;
using Paas.Client;
using Paas.State;

namespace Paas.Builds;

/// <summary>What builds did, and what they keep for the next ones. Cancelling is the deploy's affair.</summary>
internal static class BuildsEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}/builds").WithTags("builds");
        app.MapGet("", List).WithSummary("The app's builds, newest first.");
        app.MapGet("/{number:int}", Get).WithSummary("One build: phases, layers, buildpacks, image, failure.");
        app.MapGet("/cache", Cache).WithSummary("What the app keeps for its next build.");
        app.MapDelete("/cache", Clear).WithSummary("Lets the app's next build start cold.");
        api.MapGet("/api/v1/builds/cache", Caches).WithTags("builds").WithSummary("The build caches of the team's apps, and the limits.");
    }

    private static Ok<BuildView[]> List(string app, int? limit, ClaimsPrincipal user, AppStore apps, BuildStore builds, RunningBuilds running)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        return TypedResults.Ok(builds.List(owner.Id, Math.Clamp(limit ?? 25, 1, BuildStore.Most)).Select(record => BuildViews.Of(running.Find(owner.Id, record.Number) ?? record)).ToArray());
    }

    private static Ok<BuildView> Get(string app, int number, ClaimsPrincipal user, AppStore apps, BuildStore builds, RunningBuilds running)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        return (running.Find(owner.Id, number) ?? builds.Find(owner.Id, number)) is { } record
            ? TypedResults.Ok(BuildViews.Of(record))
            : throw new UserError("build_not_found", 404, $"There is no build {number} of {app}. See them with: paas builds");
    }

    private static Ok<BuildCacheView> Cache(string app, ClaimsPrincipal user, AppStore apps, BuildCache cache, DockerfileCache dockerfiles, BuildsOptions options)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        return TypedResults.Ok(View(owner, cache.Sizes().FirstOrDefault(size => size.AppId == owner.Id), cache, dockerfiles, options));
    }

    private static Ok<BuildCacheView> Clear(string app, ClaimsPrincipal user, AppStore apps, BuildCache cache, DockerfileCache dockerfiles, BuildsOptions options)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var before = View(owner, cache.Sizes().FirstOrDefault(size => size.AppId == owner.Id), cache, dockerfiles, options);
        cache.Clear(owner.Id);
        dockerfiles.Clear(owner.Id);
        return TypedResults.Ok(before);
    }

    private static Ok<BuildCachesView> Caches(ClaimsPrincipal user, AppStore apps, BuildCache cache, DockerfileCache dockerfiles, BuildsOptions options)
    {
        var sizes = cache.Sizes();
        var own = apps.OfTeam(Caller.Of(user).TeamId)
            .Select(app => View(app, sizes.FirstOrDefault(size => size.AppId == app.Id), cache, dockerfiles, options))
            .Where(view => view.UsedAt is not null || view.Bytes > 0).ToList();
        return TypedResults.Ok(new BuildCachesView(own, sizes.Sum(size => size.Bytes) + dockerfiles.Bytes, options.CacheBytes));
    }

    private static BuildCacheView View(App app, CacheSize? size, BuildCache cache, DockerfileCache dockerfiles, BuildsOptions options)
    {
        var steps = dockerfiles.BytesOf(app.Id);
        var layers = cache.LayersOf(app.Id).Select(layer => new CachedLayerView(layer.Name, layer.Bytes));
        return new(
            app.Name, (size?.Bytes ?? 0) + steps, options.CacheBytesPerApp, size?.UsedAt ?? dockerfiles.UsedAt(app.Id), steps > 0 ? [new CachedLayerView("Dockerfile steps", steps), .. layers] : [.. layers]);
    }
}
