using Dapper;
using Paas.Client;
using Paas.State;

namespace Paas.Activity;

/// <summary>Who did what, when; outlives the app.</summary>
public sealed class ActivityLog(Database database, TimeProvider time)
{
    private const string Select =
        """
        SELECT activity.id, at, actor, action, text, CASE WHEN apps.destroyed_at IS NULL THEN coalesce(apps.name, app_name) ELSE app_name END AS app,
          app_name IS NOT NULL AND (apps.id IS NULL OR apps.destroyed_at IS NOT NULL) AS app_gone
        FROM activity LEFT JOIN apps ON apps.id = activity.app_id
        """;

    /// <param name="appId">Null for what concerns no app.</param>
    /// <param name="actor">User name, or "platform".</param>
    /// <param name="action">Stable: "app.created".</param>
    /// <param name="text">A sentence for people; no secrets.</param>
    public void Record(long teamId, long? appId, string actor, string action, string text)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            INSERT INTO activity(team_id, app_id, app_name, actor, action, text, at)
            VALUES (@teamId, @appId, coalesce((SELECT name FROM destroyed_apps WHERE app_id = @appId), (SELECT name FROM apps WHERE id = @appId)), @actor, @action, @text, @now)
            """,
            new { teamId, appId, actor, action, text, now = time.GetUtcNow() });
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ActivityView> OfApp(long appId, int num) => Read($"{Select} WHERE activity.app_id = @appId ORDER BY activity.id DESC LIMIT @num", new { appId, num });

    /// <summary>Everything of the team, newest first; destroyed apps' too.</summary>
    /// <param name="appName">Null: of every app, and what concerns none.</param>
    /// <param name="before">An entry's id; null: from the newest.</param>
    public IReadOnlyList<ActivityView> OfTeam(long teamId, string? appName, long? before, int num) => Read(
        $"""
        {Select} WHERE activity.team_id = @teamId AND activity.id < @before
          AND (@appName IS NULL OR (app_name IS NOT NULL AND CASE WHEN apps.destroyed_at IS NULL THEN coalesce(apps.name, app_name) ELSE app_name END = @appName))
        ORDER BY activity.id DESC LIMIT @num
        """,
        new { teamId, appName, before = before ?? long.MaxValue, num });

    private List<ActivityView> Read(string sql, object parameters)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>(sql, parameters).Select(row => new ActivityView(row.At, row.Actor, row.Action, row.Text) { Id = row.Id, App = row.App, AppGone = row.AppGone })];
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public DateTimeOffset At { get; init; }

        public string Actor { get; init; } = "";

        public string Action { get; init; } = "";

        public string Text { get; init; } = "";

        public string? App { get; init; }

        public bool AppGone { get; init; }
    }
}
