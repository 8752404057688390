using Dapper;
using Paas.Client;
using Paas.State;

namespace Paas.Activity;

/// <summary>Who did what, when; kept as long as the app.</summary>
public sealed class ActivityLog(Database database, TimeProvider time)
{
    /// <param name="appId">Null for what concerns no app.</param>
    /// <param name="actor">User name, or "platform".</param>
    /// <param name="action">Stable: "app.created".</param>
    /// <param name="text">A sentence for people; no secrets.</param>
    public void Record(long teamId, long? appId, string actor, string action, string text)
    {
        using var connection = database.Open();
        connection.Execute(
            "INSERT INTO activity(team_id, app_id, actor, action, text, at) VALUES (@teamId, @appId, @actor, @action, @text, @now)",
            new { teamId, appId, actor, action, text, now = time.GetUtcNow() });
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ActivityView> OfApp(long appId, int num)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>("SELECT at, actor, action, text FROM activity WHERE app_id = @appId ORDER BY id DESC LIMIT @num", new { appId, num })
            .Select(row => new ActivityView(row.At, row.Actor, row.Action, row.Text))];
    }

    private sealed class Row
    {
        public DateTimeOffset At { get; init; }

        public string Actor { get; init; } = "";

        public string Action { get; init; } = "";

        public string Text { get; init; } = "";
    }
}
