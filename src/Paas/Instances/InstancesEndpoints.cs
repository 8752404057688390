using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;

namespace Paas.Instances;

/// <summary>Instances of an app, and one-off commands.</summary>
internal static class InstancesEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}").WithTags("instances");
        app.MapGet("/instances", ListAsync).WithSummary("The app's instances, those of a release that drains too.");
        app.MapGet("/run", RunSocket.RunAsync).WithSummary("WebSocket: runs a one-off command (RunCommand, then frames, then RunEnded).");
    }

    private static async Task<Ok<InstanceView[]>> ListAsync(
        string app, ClaimsPrincipal user, AppStore apps, InstanceBoard board, IEngine engine, CpuMeter meter, TimeProvider time, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var formation = apps.FormationOf(owner.Id);
        var instances = board.Instances.Values.Where(item => item.State.Id.Process.App == owner.EngineName)
            .OrderBy(item => item.State.Id.Process.Type, StringComparer.Ordinal).ThenBy(item => item.State.Id.Index).ThenBy(item => item.State.Id.Process.Release);
        var views = new List<InstanceView>();
        foreach (var instance in instances)
        {
            var usage = await engine.UsageAsync(instance.State.Id, cancellationToken);
            views.Add(InstanceViews.Of(instance, usage, ProcessSpecs.FormationOf(instance.State.Id.Process.Type, formation).MemoryMb, time.GetUtcNow()) with
            {
                CpuPercent = usage is null ? null : meter.Percent(instance.State.Id, instance.State.Run, usage.Cpu),
            });
        }

        return TypedResults.Ok(views.ToArray());
    }
}
