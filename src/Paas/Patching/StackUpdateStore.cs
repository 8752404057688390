using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Builds;
using Paas.State;

namespace Paas.Patching;

/// <summary>Updates in the database.</summary>
public sealed class StackUpdateStore(Database database, TimeProvider time)
{
    private const string Columns = "id, actor, state, step, started_at, ended_at, sentence, run_before, run_after, changes, lines, rebase_seconds";

    public StackUpdate Begin(string actor, string? runBefore)
    {
        using var rows = database.Begin();
        var now = time.GetUtcNow();
        var id = rows.Scalar<long>(
            "INSERT INTO stack_updates(actor, state, step, started_at, run_before) VALUES (@actor, 'running', 'packages', @now, @runBefore) RETURNING id",
            new { actor, now, runBefore });
        rows.Commit();
        return new StackUpdate(id, actor, UpdateState.Running, UpdateStep.Packages, now, null, null, runBefore, null, [], [], null);
    }

    public void Save(StackUpdate update)
    {
        using var rows = database.Begin();
        rows.Execute(
            """
            UPDATE stack_updates SET state = @state, step = @step, ended_at = @EndedAt, sentence = @Sentence, run_after = @RunAfter,
              changes = @changes, lines = @lines, rebase_seconds = @RebaseSeconds WHERE id = @Id
            """,
            new
            {
                update.Id,
                state = Word(update.State),
                step = update.Step is { } step ? Word(step) : null,
                update.EndedAt,
                update.Sentence,
                update.RunAfter,
                changes = JsonSerializer.Serialize([.. update.Changes], PatchingJson.Default.PackageChangeArray),
                lines = JsonSerializer.Serialize([.. update.Lines], PatchingJson.Default.StringArray),
                update.RebaseSeconds,
            });
        foreach (var app in update.Apps)
        {
            rows.Execute(
                """
                INSERT INTO stack_update_apps(update_id, app, app_id, outcome, from_release, to_release, sentence) VALUES (@Id, @App, @AppId, @outcome, @From, @To, @Sentence)
                ON CONFLICT (update_id, app_id) DO UPDATE SET outcome = excluded.outcome, to_release = excluded.to_release, sentence = excluded.sentence
                """,
                new { update.Id, app.App, app.AppId, outcome = Word(app.Outcome), app.From, app.To, app.Sentence });
        }

        rows.Commit();
    }

    /// <summary>Null when there is none.</summary>
    public StackUpdate? Find(long id) => Read("WHERE id = @id", new { id, limit = 1 }).FirstOrDefault();

    /// <summary>Newest first.</summary>
    public IReadOnlyList<StackUpdate> List(int limit) => Read("ORDER BY id DESC LIMIT @limit", new { id = 0L, limit });

    /// <summary>Those that a control was in when it ended.</summary>
    public IReadOnlyList<StackUpdate> Unfinished() => Read("WHERE state = 'running' ORDER BY id", new { id = 0L, limit = 0 });

    /// <summary>When the schedule began its last one; null: never.</summary>
    public DateTimeOffset? LastOf(string actor)
    {
        using var rows = database.Begin();
        return rows.Scalar<string>("SELECT max(started_at) FROM stack_updates WHERE actor = @actor", new { actor }) is { } text
            ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }

    internal static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private List<StackUpdate> Read(string where, object parameters)
    {
        using var rows = database.Begin();
        return
        [
            .. from row in rows.All<Row>($"SELECT {Columns} FROM stack_updates {where}", parameters)
               select row.ToUpdate(rows.All<AppRow>(
                   "SELECT app, app_id, outcome, from_release, to_release, sentence FROM stack_update_apps WHERE update_id = @Id ORDER BY app", new { row.Id })),
        ];
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Actor { get; init; } = "";

        public string State { get; init; } = "";

        public string? Step { get; init; }

        public DateTimeOffset StartedAt { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public string? Sentence { get; init; }

        public string? RunBefore { get; init; }

        public string? RunAfter { get; init; }

        public string Changes { get; init; } = "[]";

        public string Lines { get; init; } = "[]";

        public double? RebaseSeconds { get; init; }

        public StackUpdate ToUpdate(IEnumerable<AppRow> apps) => new(
            Id,
            Actor,
            Enum.Parse<UpdateState>(State, ignoreCase: true),
            Step is null ? null : Enum.Parse<UpdateStep>(Step, ignoreCase: true),
            StartedAt,
            EndedAt,
            Sentence,
            RunBefore,
            RunAfter,
            JsonSerializer.Deserialize(Changes, PatchingJson.Default.PackageChangeArray) ?? [],
            JsonSerializer.Deserialize(Lines, PatchingJson.Default.StringArray) ?? [],
            RebaseSeconds)
        {
            Apps = [.. apps.Select(app => new AppUpdate(app.AppId, app.App, Enum.Parse<AppOutcome>(app.Outcome, ignoreCase: true), (int?)app.FromRelease, (int?)app.ToRelease, app.Sentence))],
        };
    }

    private sealed record AppRow
    {
        public string App { get; init; } = "";

        public long AppId { get; init; }

        public string Outcome { get; init; } = "";

        public long? FromRelease { get; init; }

        public long? ToRelease { get; init; }

        public string? Sentence { get; init; }
    }
}

[JsonSerializable(typeof(PackageChange[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class PatchingJson : JsonSerializerContext;
