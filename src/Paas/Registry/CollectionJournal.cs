using Dapper;
using Paas.State;

namespace Paas.Registry;

/// <summary>What collections removed, when and why; of dry runs nothing.</summary>
public sealed class CollectionJournal(Database database, TimeProvider time)
{
    private const int Batch = 100;

    private readonly List<CollectedItem> _waiting = [];
    private long? _id;

    /// <summary>Newest first; those that found nothing to do are not kept.</summary>
    public IReadOnlyList<PastCollection> List(int limit)
    {
        using var connection = database.Open();
        return connection.Query<PastCollection>(
            """
            SELECT id, cause, started_at, ended_at, outcome, sentence, (SELECT count(*) FROM collected WHERE collection_id = id) AS count,
              (SELECT coalesce(sum(bytes), 0) FROM collected WHERE collection_id = id) AS bytes
            FROM collections ORDER BY id DESC LIMIT @limit
            """,
            new { limit }).AsList();
    }

    /// <summary>In the order in which they went.</summary>
    public IReadOnlyList<CollectedItem> ItemsOf(long collection, int limit)
    {
        using var connection = database.Open();
        return [.. connection.Query<ItemRow>("SELECT kind, repository, name, bytes, reason FROM collected WHERE collection_id = @collection ORDER BY rowid LIMIT @limit", new { collection, limit })
            .Select(row => new CollectedItem(Enum.Parse<CollectedKind>(row.Kind, ignoreCase: true), row.Repository, row.Name, row.Bytes, row.Reason))];
    }

    /// <summary>Where the last collection ended that ran out of time; null: it went through.</summary>
    internal string? ResumeAt()
    {
        using var connection = database.Open();
        return connection.QueryFirstOrDefault<string?>("SELECT resume_at FROM collections WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1");
    }

    internal void Begin(string cause)
    {
        _waiting.Clear();
        using var connection = database.Open();
        _id = connection.ExecuteScalar<long>("INSERT INTO collections(cause, started_at) VALUES (@cause, @now) RETURNING id", new { cause, now = time.GetUtcNow() });
    }

    internal void Add(CollectedItem item)
    {
        _waiting.Add(item);
        if (_waiting.Count >= Batch)
        {
            Flush();
        }
    }

    internal void End(CollectionOutcome outcome, string sentence, string? resumeAt, DateTimeOffset keepAfter)
    {
        Flush();
        using var rows = database.Begin();
        rows.Execute(
            "UPDATE collections SET ended_at = @now, outcome = @outcome, sentence = @sentence, resume_at = @resumeAt WHERE id = @_id",
            new { now = time.GetUtcNow(), outcome = outcome == CollectionOutcome.TimeLimit ? "time_limit" : outcome.ToString().ToLowerInvariant(), sentence, resumeAt, _id });
        // Of many that found nothing, the newest is enough; the rest goes with age.
        rows.Execute("DELETE FROM collections WHERE outcome = 'done' AND resume_at IS NULL AND id < @_id AND NOT EXISTS (SELECT 1 FROM collected WHERE collection_id = id)", new { _id });
        rows.Execute("DELETE FROM collections WHERE started_at < @keepAfter", new { keepAfter });
        rows.Commit();
    }

    private void Flush()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        using var rows = database.Begin();
        foreach (var item in _waiting)
        {
            rows.Execute(
                "INSERT INTO collected(collection_id, at, kind, repository, name, bytes, reason) VALUES (@_id, @now, @kind, @Repository, @Name, @Bytes, @Reason)",
                new { _id, now = time.GetUtcNow(), kind = item.Kind.ToString().ToLowerInvariant(), item.Repository, item.Name, item.Bytes, item.Reason });
        }

        rows.Commit();
        _waiting.Clear();
    }

    private sealed record ItemRow
    {
        public string Kind { get; init; } = "";

        public string? Repository { get; init; }

        public string Name { get; init; } = "";

        public long Bytes { get; init; }

        public string Reason { get; init; } = "";
    }
}

/// <summary>A collection that was, or runs.</summary>
public sealed record PastCollection
{
    public long Id { get; init; }

    /// <summary>"schedule", or who asked for it.</summary>
    public string Cause { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null: it runs, or died with its control.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>done, time_limit or stopped; null: see <see cref="EndedAt"/>.</summary>
    public string? Outcome { get; init; }

    public string? Sentence { get; init; }

    /// <summary>Of things removed.</summary>
    public int Count { get; init; }

    public long Bytes { get; init; }
}
