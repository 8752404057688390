using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Deploys in the database.</summary>
public sealed class DeployStore(Database database, TimeProvider time)
{
    private const string Columns = "app_id, number, cause, state, commit_id, message, branch, actor, sentence, phases, started_at, ended_at";

    /// <summary>Takes the app's next number; a failed deploy's number is spent.</summary>
    public DeployRecord Begin(long appId, DeployCause cause, string actor, string? commit, string? message, string? branch)
    {
        using var transaction = database.Begin();
        var number = (int)transaction.Scalar<long>("UPDATE apps SET next_number = next_number + 1 WHERE id = @appId RETURNING next_number - 1", new { appId });
        var record = new DeployRecord(appId, number, cause, cause == DeployCause.Push ? DeployState.Building : DeployState.Starting, commit, message, branch, actor, null, [], time.GetUtcNow(), null);
        transaction.Execute(
            $"INSERT INTO deploys({Columns}) VALUES (@appId, @number, @cause, @state, @commit, @message, @branch, @actor, NULL, '[]', @started, NULL)",
            new { appId, number, cause = Text(cause), state = Text(record.State), commit, message, branch, actor, started = Text(record.StartedAt) });
        transaction.Commit();
        return record;
    }

    public void Save(DeployRecord record)
    {
        using var connection = database.Open();
        connection.Execute(
            "UPDATE deploys SET state = @state, sentence = @Sentence, phases = @phases, ended_at = @ended WHERE app_id = @AppId AND number = @Number",
            new
            {
                record.AppId,
                record.Number,
                record.Sentence,
                state = Text(record.State),
                phases = JsonSerializer.Serialize([.. record.Phases], DeploysJson.Default.DeployPhaseArray),
                ended = record.EndedAt is { } ended ? Text(ended) : null,
            });
    }

    /// <summary>Null when there is none.</summary>
    public DeployRecord? Find(long appId, int number)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM deploys WHERE app_id = @appId AND number = @number", new { appId, number })?.ToRecord();
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DeployRecord> List(long appId, int limit)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM deploys WHERE app_id = @appId ORDER BY number DESC LIMIT @limit", new { appId, limit }).Select(row => row.ToRecord())];
    }

    /// <summary>Null before the first.</summary>
    public DeployRecord? Latest(long appId) => List(appId, 1) is [var latest] ? latest : null;

    /// <summary>Those that a control which is gone left under way, oldest first.</summary>
    public IReadOnlyList<DeployRecord> Unfinished()
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM deploys WHERE state IN ('building', 'releasing', 'starting') ORDER BY app_id, number").Select(row => row.ToRecord())];
    }

    private static string Text<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Text(DateTimeOffset value) => value.ToString("O", CultureInfo.InvariantCulture);

    private sealed record Row(
        long App_Id, long Number, string Cause, string State, string? Commit_Id, string? Message, string? Branch, string Actor,
        string? Sentence, string Phases, string Started_At, string? Ended_At)
    {
        public DeployRecord ToRecord() => new(
            App_Id,
            (int)Number,
            Enum.Parse<DeployCause>(Cause, ignoreCase: true),
            Enum.Parse<DeployState>(State, ignoreCase: true),
            Commit_Id,
            Message,
            Branch,
            Actor,
            Sentence,
            JsonSerializer.Deserialize(Phases, DeploysJson.Default.DeployPhaseArray) ?? [],
            DateTimeOffset.Parse(Started_At, CultureInfo.InvariantCulture),
            Ended_At is null ? null : DateTimeOffset.Parse(Ended_At, CultureInfo.InvariantCulture));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeployPhase[]))]
[JsonSerializable(typeof(Paas.Client.DeployLogLine))]
internal sealed partial class DeploysJson : JsonSerializerContext;
