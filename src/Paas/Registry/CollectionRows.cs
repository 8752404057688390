using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>The registry's rows as a collection changes them: in small transactions; in a dry run in a single one that is rolled back, so that
/// both ask the same questions.</summary>
internal sealed class CollectionRows(Database database, BlobStore blobs, bool dryRun) : IDisposable
{
    private const int Batch = 200;

    private readonly Transaction? _rehearsal = dryRun ? database.Begin() : null;

    /// <summary>"hello", "hello/worker", "base/node": a repository as people name it. A destroyed app has the name that it had.</summary>
    public const string NameSql = """
        CASE WHEN repositories.app_id IS NULL THEN repositories.path ELSE
          coalesce((SELECT name FROM destroyed_apps WHERE destroyed_apps.app_id = repositories.app_id), (SELECT name FROM apps WHERE apps.id = repositories.app_id))
          || CASE WHEN repositories.path = '' THEN '' ELSE '/' || repositories.path END END
        """;

    public IReadOnlyList<RepositoryRule> Rules() => Run(rows => rows.All<RepositoryRule>(
        $"SELECT id, app_id, path, {NameSql} AS name, keep_last, keep_days, keep_tags FROM repositories"));

    public IReadOnlyList<TagRow> Tags(long repository) => Run(rows => rows.All<TagRow>(
        "SELECT name, digest, updated_at FROM tags WHERE repository_id = @repository ORDER BY updated_at DESC, name", new { repository }));

    /// <summary>Drops the tag if it still points there; what it pointed to stays for the grace time.</summary>
    public bool DropTag(long repository, TagRow tag, DateTimeOffset now) => Run(rows =>
        rows.Execute(
            "DELETE FROM tags WHERE repository_id = @repository AND name = @Name AND digest = @Digest AND updated_at = @UpdatedAt",
            new { repository, tag.Name, tag.Digest, tag.UpdatedAt }) > 0
        && rows.Execute("UPDATE manifests SET held_at = @now WHERE repository_id = @repository AND digest = @Digest", new { now, repository, tag.Digest }) > 0);

    /// <summary>Manifests that no tag and no index names and whose subject, when they have one, is gone; in batches until none is left. Those that
    /// were pulled through from other registries go by their last use (<see cref="UpstreamExpiry"/>).</summary>
    /// <param name="pushedBefore">Only those that had that long to be named.</param>
    /// <param name="heldBefore">And that nobody has counted on since.</param>
    /// <param name="isNeeded">A release's image stays whatever its tags.</param>
    public IEnumerable<ManifestRow> DropManifests(DateTimeOffset pushedBefore, DateTimeOffset heldBefore, Func<Digest, bool> isNeeded)
    {
        // Again from the start after something went: children of an index and referrers lose what held them.
        for (var again = true; again;)
        {
            again = false;
            for (var last = 0L; ;)
            {
                var (batch, dropped) = Run(rows => DropBatch(rows, last, pushedBefore, heldBefore, isNeeded));
                again |= dropped.Count > 0;
                foreach (var row in dropped)
                {
                    yield return row;
                }

                if (batch.Count < Batch)
                {
                    break;
                }

                last = batch[^1].Id;
            }
        }
    }

    /// <summary>Links to blobs that no manifest of their repository names. What a push of the last day has linked stays while its repository is
    /// pushed to: its manifest comes last.</summary>
    /// <param name="before">Older than this is over.</param>
    /// <param name="busyBefore">In a repository that is pushed to: older than this.</param>
    /// <param name="uploads">Repositories with an upload under way.</param>
    public IEnumerable<LinkRow> DropLinks(DateTimeOffset before, DateTimeOffset busyBefore, IReadOnlySet<long> uploads)
    {
        for (var (repository, digest) = (0L, ""); ;)
        {
            var (batch, dropped) = Run(rows => DropLinkBatch(rows, repository, digest, before, busyBefore, uploads), pausing: true);
            foreach (var link in dropped)
            {
                yield return link;
            }

            if (batch.Count < Batch)
            {
                yield break;
            }

            (repository, digest) = (batch[^1].RepositoryId, batch[^1].Digest);
        }
    }

    /// <summary>Every digest that a row names.</summary>
    public HashSet<Digest> Named() => Run(rows => rows.All<string>(
        "SELECT digest FROM repository_blobs UNION SELECT digest FROM manifest_edges UNION SELECT digest FROM manifests").Select(Digest.Parse).ToHashSet());

    /// <summary>A row names it now.</summary>
    public static bool IsNamed(Database database, Digest digest)
    {
        using var connection = database.Open();
        return Dapper.SqlMapper.ExecuteScalar<long>(
            connection,
            """
            SELECT EXISTS (SELECT 1 FROM repository_blobs WHERE digest = @digest) OR EXISTS (SELECT 1 FROM manifest_edges WHERE digest = @digest)
              OR EXISTS (SELECT 1 FROM manifests WHERE digest = @digest)
            """,
            new { digest = digest.ToString() }) != 0;
    }

    public void Dispose() => _rehearsal?.Dispose();

    private static (IReadOnlyList<ManifestRow> Batch, List<ManifestRow> Dropped) DropBatch(
        Transaction rows, long last, DateTimeOffset pushedBefore, DateTimeOffset heldBefore, Func<Digest, bool> isNeeded)
    {
        var batch = rows.All<ManifestRow>(
            $"""
            SELECT manifests.rowid AS id, repository_id, digest, subject, length(content) AS bytes, (SELECT {NameSql} FROM repositories WHERE id = repository_id) AS repository
            FROM manifests
            WHERE manifests.rowid > @last AND pushed_at < @pushedBefore AND coalesce(held_at, '') < @heldBefore
              AND NOT EXISTS (SELECT 1 FROM repositories WHERE id = manifests.repository_id AND upstream IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.repository_id = manifests.repository_id AND tags.digest = manifests.digest)
              AND NOT EXISTS (SELECT 1 FROM manifest_edges edge WHERE edge.digest = manifests.digest AND edge.repository_id = manifests.repository_id AND edge.kind = 'manifest')
              AND (subject IS NULL OR NOT EXISTS (SELECT 1 FROM manifests other WHERE other.repository_id = manifests.repository_id AND other.digest = manifests.subject))
            ORDER BY manifests.rowid LIMIT @Batch
            """,
            new { last, pushedBefore, heldBefore, Batch });
        var free = batch.Where(row => !isNeeded(Digest.Parse(row.Digest))).ToList();
        foreach (var row in free)
        {
            rows.Execute("DELETE FROM manifests WHERE repository_id = @RepositoryId AND digest = @Digest", row);
        }

        return (batch, free);
    }

    private (IReadOnlyList<LinkRow> Batch, List<LinkRow> Dropped) DropLinkBatch(
        Transaction rows, long repository, string digest, DateTimeOffset before, DateTimeOffset busyBefore, IReadOnlySet<long> uploads)
    {
        var batch = rows.All<LinkRow>(
            $"""
            SELECT repository_id, digest, size, linked_at,
              (SELECT max(linked_at) FROM repository_blobs newest WHERE newest.repository_id = link.repository_id) AS pushed_at,
              (SELECT {NameSql} FROM repositories WHERE id = link.repository_id) AS repository
            FROM repository_blobs link
            WHERE (repository_id, digest) > (@repository, @digest) AND linked_at < @before
              AND NOT EXISTS (SELECT 1 FROM manifest_edges edge WHERE edge.digest = link.digest AND edge.repository_id = link.repository_id)
            ORDER BY repository_id, digest LIMIT @Batch
            """,
            new { repository, digest, before, Batch });
        var free = batch.Where(link =>
        {
            var limit = link.PushedAt >= before || uploads.Contains(link.RepositoryId) ? busyBefore : before;
            return link.LinkedAt < limit && blobs.LeasedAt(Digest.Parse(link.Digest)) < limit;
        }).ToList();
        foreach (var link in free)
        {
            rows.Execute("DELETE FROM repository_blobs WHERE repository_id = @RepositoryId AND digest = @Digest", new { link.RepositoryId, link.Digest });
        }

        return (batch, free);
    }

    /// <param name="pausing">Whoever renews a lease waits until this is committed: who renews first and looks for the row afterwards sees the truth.</param>
    private T Run<T>(Func<Transaction, T> step, bool pausing = false)
    {
        if (_rehearsal is not null)
        {
            return step(_rehearsal);
        }

        using var transaction = database.Begin();
        using var pause = pausing ? blobs.PauseRenewing() : null;
        var result = step(transaction);
        transaction.Commit();
        return result;
    }
}

internal sealed record TagRow
{
    public string Name { get; init; } = "";

    public string Digest { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record ManifestRow
{
    public long Id { get; init; }

    public long RepositoryId { get; init; }

    public string Digest { get; init; } = "";

    public string? Subject { get; init; }

    public long Bytes { get; init; }

    public string Repository { get; init; } = "";
}

internal sealed record LinkRow
{
    public long RepositoryId { get; init; }

    public string Digest { get; init; } = "";

    public long Size { get; init; }

    public DateTimeOffset LinkedAt { get; init; }

    /// <summary>The newest link of its repository.</summary>
    public DateTimeOffset PushedAt { get; init; }

    public string Repository { get; init; } = "";
}
