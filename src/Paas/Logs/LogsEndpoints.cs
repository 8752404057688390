using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.State;

namespace Paas.Logs;

/// <summary>GET /apps/{app}/logs, for tokens and for the platform's own pages.</summary>
internal static class LogsEndpoints
{
    private const int MostLines = 10_000;

    public static void MapLogsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps/{app}").WithTags("logs").RequireAuthorization(AccountPolicies.Stream);
        api.MapGet("/logs", Read).WithSummary("The newest lines of the app's instances, then new ones as they come when follow is true; server-sent events.");
        api.MapGet("/logs/download", Download).WithSummary("All lines that are kept, as text.");
    }

    private static EventStream<LogLineView> Read([AsParameters] LogRequest request, HttpContext http, ClaimsPrincipal user, AppStore apps, AppLogs logs)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, request.App);
        if (request.Num is < 0 or > MostLines)
        {
            throw Invalid("The number of lines is 0 to 10,000.");
        }

        // A reader that comes back names what it has, and gets what came after it.
        var after = LogCursor.Parse(http.Request.Headers["Last-Event-ID"].ToString());
        var query = Query(owned, request, after is null ? request.Num ?? 100 : MostLines) with
        {
            After = after,
            From = Position(request.From, "from"),
            Before = Position(request.Before, "before"),
        };
        return new EventStream<LogLineView>(cancellationToken => ItemsAsync(logs.ReadAsync(owned, query, cancellationToken), cancellationToken));
    }

    private static TextDownload Download([AsParameters] LogRequest request, ClaimsPrincipal user, AppStore apps, AppLogs logs, TimeProvider time)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, request.App);
        var query = Query(owned, request, int.MaxValue) with { Follow = false, Since = request.Since ?? DateTimeOffset.MinValue };
        return new TextDownload(TextDownload.NameOf(owned.Name, time.GetUtcNow()), cancellationToken => TextAsync(logs.ReadAsync(owned, query, cancellationToken)));
    }

    private static LogQuery Query(App app, LogRequest request, int lines)
    {
        if (request.Index is not null && request.Type is null)
        {
            throw Invalid("An index needs its process type: ask for ?type=web&index=1.");
        }

        if (request is { Before: not null, Follow: true })
        {
            throw Invalid("Lines before a line are no stream: leave follow out.");
        }

        return new LogQuery(app.EngineName, request.Type, request.Index, lines, request.Follow ?? false, request.Since);
    }

    private static LogPosition? Position(string? text, string name) => text is null
        ? null
        : LogPosition.Parse(text) ?? throw Invalid($"'{name}' is no line's id: take one from an answer of this address.");

    private static UserError Invalid(string sentence) => new("log_query_invalid", 400, sentence);

    private static async IAsyncEnumerable<SseItem<LogLineView>> ItemsAsync(
        IAsyncEnumerable<LogLine> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            yield return new SseItem<LogLineView>(new LogLineView(line.Position.ToString(), line.At, line.Source, line.Release, line.Error, line.Text), "line")
            {
                EventId = line.Cursor?.ToString(),
            };
        }
    }

    private static async IAsyncEnumerable<string> TextAsync(IAsyncEnumerable<LogLine> lines)
    {
        await foreach (var line in lines)
        {
            yield return $"{TextDownload.TimeOf(line.At)} {line.Source} {line.Text}";
        }
    }
}
