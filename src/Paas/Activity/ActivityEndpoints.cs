using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Logs;

namespace Paas.Activity;

/// <summary>What happens, live and looked up.</summary>
internal static class ActivityEndpoints
{
    private static readonly EventView Ready = new("ready", null, null, null, null, null);

    public static void MapActivityApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("activity").RequireAuthorization();
        api.MapGet("/events", Follow).WithSummary("Server-sent events: state first, then every change; resumable by Last-Event-ID.");
        api.MapGet("/activity", OfTeam).WithSummary("Who did what in the team, newest first; before=ID goes further back, app=NAME narrows.");
        api.MapGet("/apps/{app}/activity", OfApp).WithSummary("Who did what to the app, newest first.");
    }

    private static EventStream<EventView> Follow(HttpContext http, ClaimsPrincipal user, Events events, AppStore apps, DescribeApp describe)
    {
        var team = Caller.Of(user).TeamId;
        var last = http.Request.Headers["Last-Event-ID"].ToString();
        return new EventStream<EventView>(cancellationToken => ItemsAsync(team, last, events, apps, describe, cancellationToken));
    }

    private static Ok<IReadOnlyList<ActivityView>> OfApp(string app, int? num, ClaimsPrincipal user, AppStore apps, ActivityLog log) =>
        TypedResults.Ok(log.OfApp(apps.Get(Caller.Of(user).TeamId, app).Id, Math.Clamp(num ?? 50, 1, 500)));

    private static Ok<IReadOnlyList<ActivityView>> OfTeam(string? app, long? before, int? num, ClaimsPrincipal user, ActivityLog log) =>
        TypedResults.Ok(log.OfTeam(Caller.Of(user).TeamId, string.IsNullOrEmpty(app) ? null : app, before, Math.Clamp(num ?? 50, 1, 500)));

    /// <summary>The state carries no ids: a reader who leaves before "ready" gets it again from the start.</summary>
    private static async IAsyncEnumerable<SseItem<EventView>> ItemsAsync(
        long team, string last, Events events, AppStore apps, DescribeApp describe, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = events.Subscribe(team, last);
        if (subscription.Missed is { } missed)
        {
            foreach (var entry in missed)
            {
                yield return Item(entry);
            }
        }
        else
        {
            foreach (var app in apps.OfTeam(team))
            {
                yield return new SseItem<EventView>(new EventView("app", app.Name, describe(app), null, null, null), "app");
            }

            yield return new SseItem<EventView>(Ready, Ready.Kind) { EventId = subscription.At };
        }

        await foreach (var entry in subscription.ReadAllAsync(cancellationToken))
        {
            yield return Item(entry);
        }

        SseItem<EventView> Item(Events.Entry entry) => new(entry.View, entry.View.Kind) { EventId = events.IdOf(entry.Number) };
    }
}
