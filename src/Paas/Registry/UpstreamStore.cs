using Dapper;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>The rows of repositories that are a cache of another registry's.</summary>
internal sealed class UpstreamStore(Database database, RegistryStore store, TimeProvider time)
{
    /// <summary>Noting each pull would be a commit for each, which ends every grant of the edge.</summary>
    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromHours(1);

    /// <summary>A manifest as it came, with its tag when it was asked for by one. The links that are the right to read its blobs come with the blobs:
    /// a manifest from elsewhere may name any digest.</summary>
    public long Put(RepositoryKey key, Upstream upstream, RemoteManifest manifest, Tag? tag)
    {
        var repository = store.Open(key);
        using (var connection = database.Open())
        {
            connection.Execute("UPDATE repositories SET upstream = @Name WHERE id = @repository AND upstream IS NOT @Name", new { upstream.Name, repository });
        }

        var document = ManifestDocument.Parse(manifest.Content, manifest.MediaType) with { Blobs = [] };
        store.Put(repository, manifest.Digest, manifest.Content, document, tag is { } named ? [named] : []);
        return repository;
    }

    /// <summary>Somebody pulls it.</summary>
    public void Use(long repository, string digest)
    {
        var now = time.GetUtcNow();
        var row = new { repository, digest, now, before = now - UseNotedEvery };
        using var connection = database.Open();
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM manifests WHERE repository_id = @repository AND digest = @digest AND coalesce(last_used_at, '') < @before", row) > 0)
        {
            connection.Execute("UPDATE manifests SET last_used_at = @now WHERE repository_id = @repository AND digest = @digest", row);
        }
    }

    /// <summary>A tag that is no longer there.</summary>
    public void Forget(long repository, Tag tag)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM tags WHERE repository_id = @repository AND name = @name", new { repository, name = tag.ToString() });
    }

    /// <summary>Bytes of a config or layer that a manifest of the repository names; null: none does.</summary>
    public long? SizeOf(long repository, Digest blob)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long?>(
            "SELECT size FROM manifest_edges WHERE repository_id = @repository AND digest = @digest AND kind <> 'manifest' LIMIT 1", new { repository, digest = blob.ToString() });
    }

    /// <summary>Whether another repository of the same upstream has fetched the blob already.</summary>
    public bool HasAnother(Upstream upstream, Digest blob)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>(
            "SELECT EXISTS (SELECT 1 FROM repository_blobs JOIN repositories ON repositories.id = repository_id WHERE digest = @digest AND upstream = @Name)",
            new { upstream.Name, digest = blob.ToString() }) == 1;
    }

    /// <summary>Drops manifests that nobody has pulled since, with their tags, the links of blobs that no manifest names any more, and repositories
    /// that are left empty. The blobs themselves are garbage collection's.</summary>
    /// <returns>How many manifests.</returns>
    public int Expire(DateTimeOffset before)
    {
        using var transaction = database.Begin();
        var dropped = transaction.Execute(
            "DELETE FROM manifests WHERE coalesce(last_used_at, pushed_at) < @before AND repository_id IN (SELECT id FROM repositories WHERE upstream IS NOT NULL)", new { before });
        if (dropped > 0)
        {
            transaction.Execute(
                """
                DELETE FROM repository_blobs WHERE linked_at < @before AND repository_id IN (SELECT id FROM repositories WHERE upstream IS NOT NULL)
                  AND NOT EXISTS (SELECT 1 FROM manifest_edges AS edge WHERE edge.repository_id = repository_blobs.repository_id AND edge.digest = repository_blobs.digest)
                """,
                new { before });
            transaction.Execute(
                """
                DELETE FROM repositories WHERE upstream IS NOT NULL AND public = 0 AND created_at < @before
                  AND NOT EXISTS (SELECT 1 FROM manifests WHERE repository_id = repositories.id)
                  AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE repository_id = repositories.id)
                """,
                new { before });
        }

        transaction.Commit();
        return dropped;
    }
}
