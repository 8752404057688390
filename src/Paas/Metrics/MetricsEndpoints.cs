using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Instances;

namespace Paas.Metrics;

/// <summary>The last hour in numbers.</summary>
internal static class MetricsEndpoints
{
    /// <summary>A longer time is told by minutes instead of every ten seconds.</summary>
    private const int MostMinutesOfSamples = 10;

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1").WithTags("metrics");
        group.MapGet("/metrics", OfTeam).WithSummary("Requests to every app of the team by minute; apps without any are left out.");
        group.MapGet("/apps/{app}/metrics", OfApp).WithSummary("The app's requests by minute: how many, how many failed, how long they waited.");
        group.MapGet("/apps/{app}/instances/metrics", OfInstances).WithSummary("Memory and CPU of the app's instances over time.");
    }

    private static Ok<TeamMetricsView> OfTeam(int? minutes, ClaimsPrincipal user, AppStore apps, RequestHistory requests, TimeProvider time)
    {
        var (now, count) = (time.GetUtcNow(), CountOf(minutes));
        var views = apps.OfTeam(Caller.Of(user).TeamId)
            .Select(app => (app.Name, Tallies: requests.Of(app.Id, now, count)))
            .Where(static app => app.Tallies.Any(static tally => tally.Requests > 0))
            .Select(static app => new AppRequestsView(app.Name, [.. app.Tallies.Select(static tally => tally.Requests)], [.. app.Tallies.Select(static tally => tally.Errors)]));
        return TypedResults.Ok(new TeamMetricsView(RequestHistory.From(now, count), 60, [.. views]));
    }

    private static Ok<AppMetricsView> OfApp(string app, int? minutes, ClaimsPrincipal user, AppStore apps, RequestHistory requests, TimeProvider time)
    {
        var (now, count) = (time.GetUtcNow(), CountOf(minutes));
        var tallies = requests.Of(apps.Get(Caller.Of(user).TeamId, app).Id, now, count);
        var all = tallies.Aggregate(static (one, two) => one.Plus(two));
        return TypedResults.Ok(new AppMetricsView(
            RequestHistory.From(now, count),
            60,
            [.. tallies.Select(static tally => tally.Requests)],
            [.. tallies.Select(static tally => tally.Errors)],
            [.. tallies.Select(static tally => tally.Unserved)],
            [.. tallies.Select(static tally => Round(tally.Percentile(0.5)))],
            [.. tallies.Select(static tally => Round(tally.Percentile(0.95)))],
            Round(all.Percentile(0.5)),
            Round(all.Percentile(0.95))));
    }

    private static Ok<InstancesMetricsView> OfInstances(string app, int? minutes, ClaimsPrincipal user, AppStore apps, InstanceBoard board, InstanceHistory samples, TimeProvider time)
    {
        var (now, count) = (time.GetUtcNow(), CountOf(minutes));
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var formation = apps.FormationOf(owner.Id);
        var step = count <= MostMinutesOfSamples ? InstanceHistory.Step : 60;
        var points = count * 60 / step;
        var views = board.Instances.Keys.Where(id => id.Process.App == owner.EngineName)
            .OrderBy(id => id.Process.Type, StringComparer.Ordinal).ThenBy(id => id.Index).ThenBy(id => id.Process.Release)
            .Select(id =>
            {
                var of = samples.Of(id, now, step, points);
                return new InstanceMetricsView(
                    id.Short, id.Process.Release, ProcessSpecs.FormationOf(id.Process.Type, formation).MemoryMb,
                    [.. of.Select(static sample => Round(sample.MemoryMb))], [.. of.Select(static sample => Round(sample.Cpu))]);
            });
        return TypedResults.Ok(new InstancesMetricsView(DateTimeOffset.FromUnixTimeSeconds(((now.ToUnixTimeSeconds() / step) - points + 1) * step), step, [.. views]));
    }

    private static int CountOf(int? minutes) => Math.Clamp(minutes ?? RequestHistory.Minutes, 1, RequestHistory.Minutes);

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 1) : null;
}
