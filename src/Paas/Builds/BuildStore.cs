using System.Globalization;
using System.Text.Json;
using Dapper;
using Paas.State;

namespace Paas.Builds;

/// <summary>Builds in the database: of each app the newest.</summary>
public sealed class BuildStore(Database database, TimeProvider time)
{
    /// <summary>Of one app.</summary>
    public const int Most = 200;

    private const string Columns = "app_id, number, cause, state, commit_id, facts, inputs, started_at, ended_at";

    /// <summary>A number for a build without a deploy.</summary>
    public int TakeNumber(long appId)
    {
        using var transaction = database.Begin();
        var number = (int)transaction.Scalar<long>("UPDATE apps SET next_number = next_number + 1 WHERE id = @appId RETURNING next_number - 1", new { appId });
        transaction.Commit();
        return number;
    }

    /// <summary>Writes its beginning down, and forgets the oldest of the app.</summary>
    public BuildRecord Begin(long appId, int number, BuildCause cause, string? commit)
    {
        var record = new BuildRecord(appId, number, cause, BuildState.Running, commit, new BuildFacts(), time.GetUtcNow(), null);
        using var transaction = database.Begin();
        transaction.Execute(
            $"INSERT OR REPLACE INTO builds({Columns}) VALUES (@appId, @number, @cause, 'running', @commit, '{{}}', NULL, @started, NULL)",
            new { appId, number, cause = Text(cause), commit, started = Text(record.StartedAt) });
        transaction.Execute(
            "DELETE FROM builds WHERE app_id = @appId AND number <= (SELECT number FROM builds WHERE app_id = @appId ORDER BY number DESC LIMIT 1 OFFSET @Most)",
            new { appId, Most });
        transaction.Commit();
        return record;
    }

    public void End(BuildRecord record)
    {
        using var connection = database.Open();
        connection.Execute(
            "UPDATE builds SET state = @state, facts = @facts, inputs = @Inputs, ended_at = @ended WHERE app_id = @AppId AND number = @Number",
            new
            {
                record.AppId,
                record.Number,
                record.Inputs,
                state = Text(record.State),
                facts = JsonSerializer.Serialize(record.Facts, BuildFactsJson.Default.BuildFacts),
                ended = record.EndedAt is { } ended ? Text(ended) : null,
            });
    }

    /// <summary>Null when there is none, or no longer.</summary>
    public BuildRecord? Find(long appId, int number)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM builds WHERE app_id = @appId AND number = @number", new { appId, number })?.ToRecord();
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BuildRecord> List(long appId, int limit)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM builds WHERE app_id = @appId ORDER BY number DESC LIMIT @limit", new { appId, limit }).Select(row => row.ToRecord())];
    }

    /// <summary>The newest that made an image; null: none did.</summary>
    public BuildRecord? LastBuilt(long appId)
    {
        using var connection = database.Open();
        return connection.QueryFirstOrDefault<Row>($"SELECT {Columns} FROM builds WHERE app_id = @appId AND state = 'built' ORDER BY number DESC LIMIT 1", new { appId })?.ToRecord();
    }

    /// <summary>No build of the app is answered from an earlier one.</summary>
    public void ForgetInputs(long appId)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE builds SET inputs = NULL WHERE app_id = @appId AND inputs IS NOT NULL", new { appId });
    }

    /// <summary>At start: what a control that is gone left under way.</summary>
    public void Interrupt()
    {
        using var connection = database.Open();
        connection.Execute("UPDATE builds SET state = 'interrupted', ended_at = @now WHERE state = 'running'", new { now = Text(time.GetUtcNow()) });
    }

    private static string Text<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Text(DateTimeOffset value) => value.ToString("O", CultureInfo.InvariantCulture);

    private sealed record Row(
        long App_Id, long Number, string Cause, string State, string? Commit_Id, string Facts, string? Inputs, string Started_At, string? Ended_At)
    {
        public BuildRecord ToRecord() => new(
            App_Id,
            (int)Number,
            Enum.Parse<BuildCause>(Cause, ignoreCase: true),
            Enum.Parse<BuildState>(State, ignoreCase: true),
            Commit_Id,
            JsonSerializer.Deserialize(Facts, BuildFactsJson.Default.BuildFacts) ?? new BuildFacts(),
            DateTimeOffset.Parse(Started_At, CultureInfo.InvariantCulture),
            Ended_At is null ? null : DateTimeOffset.Parse(Ended_At, CultureInfo.InvariantCulture))
        {
            Inputs = Inputs,
        };
    }
}
