using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>A manifest as it was pushed.</summary>
internal sealed record StoredManifest
{
    public string Digest { get; init; } = "";

    public string MediaType { get; init; } = "";

    public byte[] Content { get; init; } = [];

    public string? ArtifactType { get; init; }

    /// <summary>When it was pushed, lost a tag or was last counted on.</summary>
    public DateTimeOffset HeldAt { get; init; }
}

/// <summary>A repository in a list.</summary>
internal sealed record RepositoryEntry
{
    public long TeamId { get; init; }

    public string Name { get; init; } = "";
}

/// <summary>A manifest with a subject, as the list of referrers shows it.</summary>
internal sealed record ReferrerRow
{
    public string Digest { get; init; } = "";

    public string MediaType { get; init; } = "";

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    public string? ArtifactType { get; init; }

    /// <summary>JSON; null: it has none.</summary>
    public string? Annotations { get; init; }
}

/// <summary>An edge as the database reads it.</summary>
internal sealed record EdgeRow(
    [property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("digest")] string Digest, [property: JsonPropertyName("size")] long Size)
{
    public static EdgeRow Of(ManifestEdge edge) => new(edge.Kind.ToString().ToLowerInvariant(), edge.Digest.ToString(), edge.Size);
}

/// <summary>Repositories, the links that are the right to read a blob, manifests and tags.</summary>
public sealed class RegistryStore(Database database, BlobStore blobs, RepositoryNews news, TimeProvider time)
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    /// <summary>Puts an image that was built here into an app's repository, so that it can be pulled by this tag and as "latest". Can be repeated.</summary>
    /// <param name="appId">The app: its repository has the app's name of the moment, so that a rename during a build or after it takes the image along.</param>
    /// <param name="tag">"v7".</param>
    /// <exception cref="FileNotFoundException">The image is not in the content store.</exception>
    public void LinkImage(long appId, Image image, string tag) => LinkImage(appId, image, [Tag.Parse(tag), Tag.Parse("latest")]);

    /// <inheritdoc cref="LinkImage(long, Image, string)"/>
    /// <param name="tags">No others: "latest" stays what it is.</param>
    public void LinkImage(long appId, Image image, IReadOnlyList<Tag> tags)
    {
        var path = (blobs.TryRenew(image.Digest) ? blobs.PathOf(image.Digest) : null) ?? throw new FileNotFoundException($"The manifest {image.Digest} is not in the content store.");
        var content = File.ReadAllBytes(path);
        var document = ManifestDocument.Parse(content, image.Manifest.MediaType ?? MediaTypes.Manifest);
        var id = Open(RepositoryKey.OfApp(TeamOf(appId), appId, ""));
        foreach (var blob in image.Manifest.Layers.Append(image.Manifest.Config))
        {
            if (!blobs.TryRenew(blob.Digest))
            {
                throw new FileNotFoundException($"The image {image.Digest.Short} names the blob {blob.Digest}, which is not in the content store.");
            }

            LinkBlob(id, blob.Digest, blob.Size);
        }

        Put(id, image.Digest, content, document, tags);
    }

    private const string InsertBlob =
        """
        INSERT INTO repository_blobs(repository_id, digest, size, linked_at) VALUES (@repository, @digest, @size, @now)
        ON CONFLICT DO UPDATE SET size = excluded.size WHERE size = 0
        """;

    private static string WhereReference(Reference reference) => reference.Digest is null
        ? "JOIN tags USING (repository_id, digest) WHERE repository_id = @repository AND tags.name = @name"
        : "WHERE repository_id = @repository AND digest = @name";

    private static string Json(IEnumerable<string> texts) => JsonSerializer.Serialize(texts, RegistryJson.Default.IEnumerableString);

    private static string Json(IEnumerable<ManifestEdge> edges) => JsonSerializer.Serialize([.. edges.Select(EdgeRow.Of)], RegistryJson.Default.ListEdgeRow);

    private static string WhereKey(RepositoryKey key) =>
        $"SELECT id FROM repositories WHERE team_id = @TeamId AND path = @Path AND {(key.AppId is null ? "app_id IS NULL" : "app_id = @AppId")}";

    private long TeamOf(long appId)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT team_id FROM apps WHERE id = @appId", new { appId });
    }

    /// <summary>As it is called now.</summary>
    private RepositoryName NameOf(RepositoryKey key)
    {
        using var connection = database.Open();
        var app = connection.ExecuteScalar<string>("SELECT name FROM apps WHERE id = @AppId", new { key.AppId });
        return RepositoryName.Parse(key.Path.Length == 0 ? app! : $"{app}/{key.Path}");
    }

    /// <summary>Null when nothing was ever pushed to it.</summary>
    internal long? Find(RepositoryKey key)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<long?>(WhereKey(key), key);
    }

    /// <summary>Finds it or makes it.</summary>
    /// <exception cref="RegistryError">NAME_UNKNOWN: a repository of this name that stands alone is another team's.</exception>
    internal long Open(RepositoryKey key)
    {
        if (Find(key) is { } found)
        {
            return found;
        }

        if (key.AppId is not null && Adopt(key, NameOf(key)) && Find(key) is { } adopted)
        {
            return adopted;
        }

        using var transaction = database.Begin();
        transaction.Execute(
            "INSERT INTO repositories(team_id, app_id, path, created_at) VALUES (@TeamId, @AppId, @Path, @now) ON CONFLICT DO NOTHING",
            new { key.TeamId, key.AppId, key.Path, now = time.GetUtcNow() });
        var id = transaction.Scalar<long?>(WhereKey(key), key) ?? throw RegistryError.NameUnknown(RepositoryName.Parse(key.Path));
        transaction.Commit();
        return id;
    }

    /// <summary>An app takes the repository of its name, or of a part of it, that stood alone in its team before. False: there is none, or the app has its own.</summary>
    internal bool Adopt(RepositoryKey key, RepositoryName name)
    {
        using var connection = database.Open();
        return connection.Execute(
            """
            UPDATE OR IGNORE repositories SET app_id = @AppId, path = @Path WHERE app_id IS NULL AND path = @whole AND team_id = @TeamId
            """,
            new { key.TeamId, key.AppId, key.Path, whole = name.ToString() }) > 0;
    }

    internal bool HasBlob(long repository, Digest digest)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>(
            "SELECT count(*) FROM repository_blobs WHERE repository_id = @repository AND digest = @digest", new { repository, digest = digest.ToString() }) > 0;
    }

    /// <summary>The first of these blobs that the repository does not have; null: it has them all.</summary>
    internal Digest? Missing(long repository, IReadOnlyList<Digest> digests)
    {
        using var connection = database.Open();
        var missing = connection.QueryFirstOrDefault<string?>(
            """
            SELECT value FROM json_each(@wanted)
            WHERE NOT EXISTS (SELECT 1 FROM repository_blobs WHERE repository_id = @repository AND digest = value) LIMIT 1
            """,
            new { repository, wanted = Json(digests.Select(digest => digest.ToString())) });
        if (missing is not null)
        {
            return Digest.Parse(missing);
        }

        // Renewed: none of them goes before the manifest that names it is there.
        foreach (var digest in digests)
        {
            if (!blobs.TryRenew(digest))
            {
                return digest;
            }
        }

        return null;
    }

    /// <summary>Names of repositories that have the blob: the team's first, others because they may be public.</summary>
    internal IReadOnlyList<string> NamesOfHolders(Digest digest, long teamId)
    {
        using var connection = database.Open();
        return connection.Query<string>(
            $"""
            SELECT {RepositoryNews.NameColumn} FROM repository_blobs JOIN repositories ON repositories.id = repository_id LEFT JOIN apps ON apps.id = app_id
            WHERE digest = @digest AND (repositories.team_id = @teamId OR public = 1) AND apps.destroyed_at IS NULL
            ORDER BY repositories.team_id = @teamId DESC LIMIT 20
            """,
            new { digest = digest.ToString(), teamId }).AsList();
    }

    /// <param name="size">Bytes.</param>
    internal void LinkBlob(long repository, Digest digest, long size)
    {
        using var connection = database.Open();
        connection.Execute(InsertBlob, new { repository, digest = digest.ToString(), size, now = time.GetUtcNow() });
    }

    /// <summary>As <see cref="LinkBlob"/>, for what came from outside.</summary>
    /// <param name="name">For the error.</param>
    /// <exception cref="RegistryError">DENIED: the repository would have more than it may.</exception>
    internal void LinkPushed(long repository, Digest digest, long size, RepositoryName name)
    {
        var row = new { repository, digest = digest.ToString(), size, now = time.GetUtcNow() };
        using var transaction = database.Begin();
        transaction.Execute(InsertBlob, row);
        var limit = transaction.Scalar<long?>(
            "SELECT max_bytes FROM repositories WHERE id = @repository AND max_bytes < (SELECT sum(size) FROM repository_blobs WHERE repository_id = @repository)", row);
        if (limit is { } bytes)
        {
            throw RegistryError.RepositoryFull(name, bytes);
        }

        transaction.Commit();
    }

    /// <summary>False: it was not there.</summary>
    internal bool UnlinkBlob(long repository, Digest digest)
    {
        using var connection = database.Open();
        return connection.Execute(
            "DELETE FROM repository_blobs WHERE repository_id = @repository AND digest = @digest", new { repository, digest = digest.ToString() }) > 0;
    }

    /// <summary>Bytes that the repository may have; null: no limit of its own.</summary>
    internal long? LimitOf(long repository)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long?>("SELECT max_bytes FROM repositories WHERE id = @repository", new { repository });
    }

    /// <summary>Bytes of the repository's blobs.</summary>
    internal long SizeOf(long repository)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT coalesce(sum(size), 0) FROM repository_blobs WHERE repository_id = @repository", new { repository });
    }

    /// <summary>Bytes of all repositories' blobs, each counted once.</summary>
    internal long SizeOfAll()
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT coalesce(sum(size), 0) FROM (SELECT max(size) AS size FROM repository_blobs GROUP BY digest)");
    }

    /// <param name="expected">What must be true of <paramref name="reference"/>; null: anything.</param>
    /// <exception cref="RegistryError">It is not what the caller expects any more.</exception>
    internal void Put(long repository, Digest digest, byte[] content, ManifestDocument document, IReadOnlyList<Tag> tags, Reference? reference = null, Preconditions? expected = null)
    {
        var needed = document.Blobs.ToHashSet();
        var row = new
        {
            repository,
            digest = digest.ToString(),
            document.MediaType,
            content,
            subject = document.Subject?.ToString(),
            annotations = document is { Subject: not null, Annotations: { } annotations } ? JsonSerializer.Serialize(new(annotations), RegistryJson.Default.DictionaryStringString) : null,
            document.ArtifactType,
            tags = Json(tags.Select(tag => tag.ToString())),
            edges = Json(document.Edges),
            needed = Json(document.Edges.Where(edge => needed.Contains(edge.Digest))),
            now = time.GetUtcNow(),
        };
        using var transaction = database.Begin();
        if (reference is { } target && expected is { } conditions
            && !conditions.Allow(transaction.Scalar<string?>($"SELECT manifests.digest FROM manifests {WhereReference(target)}", new { repository, name = target.ToString() })))
        {
            throw RegistryError.PreconditionFailed(target);
        }

        transaction.Execute(
            """
            INSERT INTO manifests(repository_id, digest, media_type, content, subject, artifact_type, annotations, pushed_at)
            VALUES (@repository, @digest, @MediaType, @content, @subject, @ArtifactType, @annotations, @now)
            ON CONFLICT DO UPDATE SET media_type = excluded.media_type, subject = excluded.subject, artifact_type = excluded.artifact_type,
              annotations = excluded.annotations, pushed_at = excluded.pushed_at
            """,
            row);
        transaction.Execute(
            """
            INSERT INTO manifest_edges(repository_id, manifest, kind, digest, size)
            SELECT @repository, @digest, json_extract(value, '$.kind'), json_extract(value, '$.digest'), json_extract(value, '$.size') FROM json_each(@edges) WHERE true
            ON CONFLICT DO NOTHING
            """,
            row);
        // Garbage collection may have taken the link of a blob that no manifest of this repository named until now.
        transaction.Execute(
            """
            INSERT INTO repository_blobs(repository_id, digest, size, linked_at)
            SELECT @repository, json_extract(value, '$.digest'), json_extract(value, '$.size'), @now FROM json_each(@needed) WHERE true
            ON CONFLICT DO NOTHING
            """,
            row);
        transaction.Execute(
            """
            INSERT INTO tags(repository_id, name, digest, updated_at) SELECT @repository, value, @digest, @now FROM json_each(@tags) WHERE true
            ON CONFLICT DO UPDATE SET digest = excluded.digest, updated_at = excluded.updated_at
            """,
            row);
        transaction.Commit();
        news.Tell(repository);
    }

    internal StoredManifest? Manifest(long repository, Reference reference)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<StoredManifest>(
            $"SELECT manifests.digest, media_type, content, artifact_type, coalesce(held_at, pushed_at) AS held_at FROM manifests {WhereReference(reference)}", new { repository, name = reference.ToString() });
    }

    /// <summary>Garbage collection leaves it alone for its grace time, tagged or not; false: it has just gone. Written down only now and then.</summary>
    internal bool TryRenew(long repository, StoredManifest manifest)
    {
        var now = time.GetUtcNow();
        if (now - manifest.HeldAt < RenewEvery)
        {
            return true;
        }

        using var connection = database.Open();
        return connection.Execute("UPDATE manifests SET held_at = @now WHERE repository_id = @repository AND digest = @Digest", new { now, repository, manifest.Digest }) > 0;
    }

    /// <summary>A digest takes the tags that point to it along; a tag goes alone. False: there was none.</summary>
    internal bool Delete(long repository, Reference reference)
    {
        using var connection = database.Open();
        var deleted = connection.Execute(
            reference.Digest is null
                ? "DELETE FROM tags WHERE repository_id = @repository AND name = @name"
                : "DELETE FROM manifests WHERE repository_id = @repository AND digest = @name",
            new { repository, name = reference.ToString() }) > 0;
        if (deleted)
        {
            news.Tell(repository);
        }

        return deleted;
    }

    /// <summary>Repositories that something was pushed to, with their teams, in byte order of their names after <paramref name="last"/>.</summary>
    internal IReadOnlyList<RepositoryEntry> Names(string last, int count)
    {
        using var connection = database.Open();
        return connection.Query<RepositoryEntry>(
            $"""
            SELECT team_id, name FROM (
              SELECT repositories.team_id, {RepositoryNews.NameColumn} AS name FROM repositories LEFT JOIN apps ON apps.id = app_id
              WHERE apps.destroyed_at IS NULL AND EXISTS (SELECT 1 FROM manifests WHERE repository_id = repositories.id))
            WHERE name > @last ORDER BY name LIMIT @count
            """,
            new { last, count }).AsList();
    }

    /// <summary>In byte order, after <paramref name="last"/>.</summary>
    internal IReadOnlyList<string> Tags(long repository, string last, int count)
    {
        using var connection = database.Open();
        return connection.Query<string>(
            "SELECT name FROM tags WHERE repository_id = @repository AND name > @last ORDER BY name LIMIT @count", new { repository, last, count }).AsList();
    }

    /// <summary>Manifests whose subject this is, by digest, after <paramref name="last"/>.</summary>
    /// <param name="artifactType">Null: all.</param>
    internal IReadOnlyList<ReferrerRow> Referrers(long repository, Digest subject, string? artifactType, string last, int count)
    {
        using var connection = database.Open();
        return connection.Query<ReferrerRow>(
            """
            SELECT digest, media_type, length(content) AS size, artifact_type, annotations FROM manifests
            WHERE repository_id = @repository AND subject = @subject AND digest > @last AND (@artifactType IS NULL OR artifact_type = @artifactType)
            ORDER BY digest LIMIT @count
            """,
            new { repository, subject = subject.ToString(), artifactType, last, count }).AsList();
    }
}
