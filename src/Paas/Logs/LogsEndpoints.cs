using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.State;

namespace Paas.Logs;

/// <summary>GET /apps/{app}/logs.</summary>
internal static class LogsEndpoints
{
    private const int MostLines = 10_000;

    public static void MapLogsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps/{app}").WithTags("logs").RequireAuthorization(AccountPolicies.Stream);
        api.MapGet("/logs", Read).WithSummary("The newest lines of the app's instances, then new ones as they come when follow is true; server-sent events.");
    }

    /// <param name="num">How many of the newest lines come first: 0 to 10,000, 100 when absent.</param>
    private static EventStream<LogLineView> Read(
        string app, string? type, int? index, int? num, bool? follow, HttpContext http, ClaimsPrincipal user, AppStore apps, AppLogs logs)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, app);
        if (num is < 0 or > MostLines)
        {
            throw new UserError("log_query_invalid", 400, "The number of lines is 0 to 10,000.");
        }

        if (index is not null && type is null)
        {
            throw new UserError("log_query_invalid", 400, "An index needs its process type: ask for ?type=web&index=1.");
        }

        // A reader that comes back names the last line it has by its time, and gets what came after it.
        var resumed = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTime.MaxValue.Ticks;
        var query = new LogQuery(
            owned.EngineName, type, index, resumed ? MostLines : num ?? 100, follow ?? false, resumed ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);
        return new EventStream<LogLineView>(cancellationToken => ItemsAsync(logs.ReadAsync(owned, query, cancellationToken), cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<LogLineView>> ItemsAsync(
        IAsyncEnumerable<LogLine> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sequence = 0L;
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            yield return new SseItem<LogLineView>(new LogLineView(++sequence, line.At, line.Source, line.Release, line.Error, line.Text), "line")
            {
                EventId = line.At.UtcTicks.ToString(CultureInfo.InvariantCulture),
            };
        }
    }
}
