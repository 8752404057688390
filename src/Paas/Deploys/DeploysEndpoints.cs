using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.Logs;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Deploys, and every change that makes a release.</summary>
internal static class DeploysEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}").WithTags("deploys");
        app.MapGet("/deploys", List).WithSummary("The app's deploys, newest first.");
        app.MapGet("/deploys/{number:int}", GetAsync).WithSummary("One deploy.");
        app.MapGet("/deploys/{number:int}/log", Log).RequireAuthorization(AccountPolicies.Stream).WithSummary("Its log as server-sent events, following a running deploy to its end unless follow=false.");
        app.MapGet("/deploys/{number:int}/log/download", Download).RequireAuthorization(AccountPolicies.Stream).WithSummary("Its log so far, as text.");
        app.MapPost("/deploys/{number:int}/cancel", CancelAsync).WithSummary("Cancels a running deploy; too late once the routes are switched.");
        app.MapPatch("/config", ConfigAsync).WithSummary("Sets and unsets config vars: one release for all.");
        app.MapPatch("/formation", ScaleAsync).WithSummary("Sets count and memory of process types.");
        app.MapPost("/restart", RestartAsync).WithSummary("New instances beside the old ones.");
        app.MapPost("/rollback", RollBackAsync).WithSummary("A new release from an older one's image and config.");
    }

    private static Ok<DeployView[]> List(string app, int? limit, ClaimsPrincipal user, AppStore apps, DeployStore deploys) =>
        TypedResults.Ok(deploys.List(apps.Get(Caller.Of(user).TeamId, app).Id, Math.Clamp(limit ?? 25, 1, 200)).Select(View).ToArray());

    private static async Task<Ok<DeployView>> GetAsync(
        string app, int number, ClaimsPrincipal user, AppStore apps, DeployStore deploys, DeployRuns runs, BuildStore builds, CancellationToken cancellationToken)
    {
        var (owner, record) = Find(app, number, user, apps, deploys);
        var view = View(record);
        if (view.Failure is not { } failure)
        {
            return TypedResults.Ok(view);
        }

        failure = builds.Find(owner.Id, number)?.Facts.Failure is { Phase: { } phase } trouble && phase == failure.Phase
            ? failure with { Buildpack = trouble.Buildpack, ExitCode = trouble.ExitCode, LastLines = trouble.LastLines }
            : await DeployFailures.WithLastLinesAsync(failure, record, runs.LinesAsync(owner.Id, number, 0, follow: false, cancellationToken), cancellationToken);
        return TypedResults.Ok(view with { Failure = failure });
    }

    private static EventStream<DeployLogLine> Log(
        string app, int number, long? after, bool? follow, HttpContext http, ClaimsPrincipal user, AppStore apps, DeployStore deploys, DeployRuns runs)
    {
        var (owner, record) = Find(app, number, user, apps, deploys);
        var resumed = long.TryParse(http.Request.Headers["Last-Event-ID"], out var last) ? last : after ?? 0;
        return new EventStream<DeployLogLine>(cancellationToken => EventsAsync(runs.LinesAsync(owner.Id, record.Number, resumed, follow ?? true, cancellationToken), cancellationToken));
    }

    private static TextDownload Download(string app, int number, ClaimsPrincipal user, AppStore apps, DeployStore deploys, DeployRuns runs)
    {
        var (owner, record) = Find(app, number, user, apps, deploys);
        return new TextDownload($"{owner.Name}-v{record.Number}.log", cancellationToken =>
            runs.LinesAsync(owner.Id, record.Number, 0, false, cancellationToken).Select(line => $"{TextDownload.TimeOf(line.At)} {line.Text}"));
    }

    private static async Task<Ok<DeployView>> CancelAsync(string app, int number, ClaimsPrincipal user, AppStore apps, DeployStore deploys, DeployRuns runs)
    {
        var (owner, record) = Find(app, number, user, apps, deploys);
        if (runs.Find(owner.Id, record.Number) is not { } run)
        {
            throw new UserError("deploy_ended", 409, $"Deploy v{number} has ended already: there is nothing to cancel.");
        }

        return await run.TryCancelAsync()
            ? TypedResults.Ok(View(run.Record))
            : throw new UserError("deploy_switched", 409, $"Deploy v{number} is switching the routes: it is too late to cancel. Go back with: paas rollback");
    }

    private static async Task<Ok<ChangeView>> ConfigAsync(string app, UpdateConfig update, ClaimsPrincipal user, AppStore apps, Changes changes, CancellationToken cancellationToken) =>
        TypedResults.Ok(await changes.ConfigAsync(apps.Get(Caller.Of(user).TeamId, app), update, Caller.Of(user).Name, cancellationToken));

    private static async Task<Ok<ChangeView>> ScaleAsync(string app, ScaleProcess[] processes, ClaimsPrincipal user, AppStore apps, Changes changes, CancellationToken cancellationToken) =>
        TypedResults.Ok(await changes.ScaleAsync(apps.Get(Caller.Of(user).TeamId, app), processes, Caller.Of(user).Name, cancellationToken));

    private static async Task<Ok<ChangeView>> RestartAsync(string app, ClaimsPrincipal user, AppStore apps, Changes changes, CancellationToken cancellationToken) =>
        TypedResults.Ok(await changes.RestartAsync(apps.Get(Caller.Of(user).TeamId, app), Caller.Of(user).Name, cancellationToken));

    private static async Task<Ok<ChangeView>> RollBackAsync(string app, RollBack wish, ClaimsPrincipal user, AppStore apps, Changes changes, CancellationToken cancellationToken) =>
        TypedResults.Ok(await changes.RollBackAsync(apps.Get(Caller.Of(user).TeamId, app), wish.Release, Caller.Of(user).Name, cancellationToken));

    public static DeployView View(DeployRecord record) => new(
        record.Number,
        Text(record.Cause),
        Text(record.State),
        record.Sentence,
        record.Commit,
        record.Message,
        record.Branch,
        record.Actor,
        [.. record.Phases.Select(phase => new PhaseView(phase.Name, phase.Seconds) { StartedAt = phase.StartedAt })],
        record.StartedAt,
        record.EndedAt)
    {
        Failure = DeployFailures.Of(record),
    };

    private static string Text<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static (App App, DeployRecord Record) Find(string app, int number, ClaimsPrincipal user, AppStore apps, DeployStore deploys)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        return (owner, deploys.Find(owner.Id, number) ?? throw new UserError("deploy_not_found", 404, $"There is no deploy v{number} of {app}. See them with: paas deploys"));
    }

    private static async IAsyncEnumerable<SseItem<DeployLogLine>> EventsAsync(IAsyncEnumerable<DeployLogLine> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            yield return new SseItem<DeployLogLine>(line, "line") { EventId = line.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        }
    }
}
