using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.Logs;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Builds without a release, and the end of any build that runs.</summary>
internal static class LocalBuildsEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}/builds").WithTags("builds");
        app.MapPost("", BuildAsync).WithSummary("Builds the tar in the body (application/x-tar, gzip or zstd too) without a release: server-sent events, each a line, the last one the build.");
        app.MapPost("/{number:int}/cancel", CancelAsync).WithSummary("Cancels a running build, and the deploy that it is part of.");
    }

    private static async Task<EventStream<LocalBuildEvent>> BuildAsync(string app, HttpContext http, ClaimsPrincipal user, AppStore apps, LocalBuilds builds, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);

        // What it may hold is counted as it is unpacked.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        var folder = await builds.TakeAsync(http.Request.Body, cancellationToken);
        return new EventStream<LocalBuildEvent>(ended => builds.RunAsync(owner, folder, ended));
    }

    private static async Task<Ok<BuildView>> CancelAsync(string app, int number, ClaimsPrincipal user, AppStore apps, DeployRuns runs, RunningBuilds running, LocalBuilds local)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        if (running.Find(owner.Id, number) is not { } build)
        {
            throw new UserError("build_ended", 409, $"Build {number} of {app} does not run: there is nothing to cancel.");
        }

        return (runs.Find(owner.Id, number) is { } run && await run.TryCancelAsync()) || await local.TryCancelAsync(owner.Id, number)
            ? TypedResults.Ok(BuildViews.Of(build))
            : throw new UserError("build_ended", 409, $"Build {number} of {app} has just ended: it is too late to cancel.");
    }
}
