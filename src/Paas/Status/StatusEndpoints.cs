using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Instances;

namespace Paas.Status;

/// <summary>How the platform itself does.</summary>
internal static class StatusEndpoints
{
    private static readonly string Version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/status", Get).WithTags("status").WithSummary("How the platform does.");
        api.MapGet("/readyz", Ready).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>For installer and monitors: 200 once what ran before is adopted and the first routes are published.</summary>
    private static ContentHttpResult Ready(InstancesLoop instances) => instances.Ready.IsCompletedSuccessfully
        ? TypedResults.Text("ready\n")
        : TypedResults.Text("starting\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static Ok<StatusView> Get(ClaimsPrincipal user, AppStore apps, InstanceBoard board, InstancesLoop instances, IEngine engine, StartTime start)
    {
        var names = apps.OfTeam(Caller.Of(user).TeamId).Select(app => app.EngineName).ToHashSet(StringComparer.Ordinal);
        var own = board.Instances.Values.Where(item => names.Contains(item.State.Id.Process.App)).ToList();
        var ready = instances.Ready.IsCompleted;
        var ill = own.Count(item => item.State.Phase == InstancePhase.BackingOff);
        var (state, sentence) = (ready, ill) switch
        {
            (false, _) => ("starting", "Adopting what runs"),
            (_, > 0) => ("degraded", $"{ill} of {Count(own.Count, "instance")} {(ill == 1 ? "is" : "are")} restarting"),
            _ => ("live", $"All well: {Count(own.Count, "instance")} of {Count(names.Count, "app")}"),
        };
        var capabilities = engine.Capabilities;
        return TypedResults.Ok(new StatusView(Version, state, sentence, names.Count, own.Count, capabilities.Name, capabilities.Runtime, capabilities.Missing, start.At));

        static string Count(int number, string word) => number == 1 ? $"1 {word}" : $"{number} {word}s";
    }
}

/// <summary>When this control began.</summary>
internal sealed record StartTime(DateTimeOffset At);
