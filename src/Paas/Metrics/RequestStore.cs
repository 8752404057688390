using System.Text.Json;
using Dapper;
using Paas.Routing;
using Paas.State;

namespace Paas.Metrics;

/// <summary>Requests of one app in one minute.</summary>
/// <param name="Minute">Unix time in minutes.</param>
internal sealed record AppMinute(long AppId, long Minute, RequestTally Tally);

/// <summary>How far the edge had counted, and when.</summary>
internal sealed record SeenCounts(DateTimeOffset At, EdgeCounts Counts);

/// <summary>The last hour on disk, for a control that comes back. Minutes and how far the edge had counted are written together, so that nothing counts twice.</summary>
internal sealed class RequestStore(Database database)
{
    public IReadOnlyList<AppMinute> Minutes()
    {
        using var connection = database.Open();
        return [.. connection.Query<(long AppId, long Minute, string Tally)>("SELECT app_id, minute, tally FROM request_minutes")
            .Select(static row => new AppMinute(row.AppId, row.Minute, JsonSerializer.Deserialize(row.Tally, RoutingJson.Default.RequestTally)!))];
    }

    /// <summary>Null before the first writing.</summary>
    public SeenCounts? Seen()
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<SeenRow>("SELECT at, counts FROM request_counts_seen") is { } row
            ? new SeenCounts(row.At, JsonSerializer.Deserialize(row.Counts, RoutingJson.Default.EdgeCounts)!)
            : null;
    }

    /// <param name="oldest">Minutes before it are deleted.</param>
    public void Write(IReadOnlyList<AppMinute> changed, SeenCounts seen, long oldest)
    {
        using var transaction = database.Begin();
        foreach (var (appId, minute, tally) in changed)
        {
            // An app can be purged between counting and writing.
            transaction.Execute(
                """
                INSERT INTO request_minutes(app_id, minute, tally) SELECT @appId, @minute, @tally FROM apps WHERE id = @appId
                ON CONFLICT (app_id, minute) DO UPDATE SET tally = excluded.tally
                """,
                new { appId, minute, tally = JsonSerializer.Serialize(tally, RoutingJson.Default.RequestTally) });
        }

        transaction.Execute("DELETE FROM request_minutes WHERE minute < @oldest", new { oldest });
        transaction.Execute(
            "INSERT INTO request_counts_seen(one, at, counts) VALUES (1, @At, @counts) ON CONFLICT (one) DO UPDATE SET at = excluded.at, counts = excluded.counts",
            new { seen.At, counts = JsonSerializer.Serialize(seen.Counts, RoutingJson.Default.EdgeCounts) });
        transaction.Commit();
    }

    public void Delete(long appId)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM request_minutes WHERE app_id = @appId", new { appId });
    }

    private sealed class SeenRow
    {
        public DateTimeOffset At { get; init; }

        public string Counts { get; init; } = "";
    }
}
