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
}

/// <summary>Repositories, the links that are the right to read a blob, manifests and tags.</summary>
public sealed class RegistryStore(Database database, BlobStore blobs, RepositoryNews news, TimeProvider time)
{
    /// <summary>Puts an image that was built here into an app's repository, so that it can be pulled by this tag and as "latest". Can be repeated.</summary>
    /// <param name="appId">The app: its repository has the app's name of the moment, so that a rename during a build or after it takes the image along.</param>
    /// <param name="tag">"v7".</param>
    /// <exception cref="FileNotFoundException">The image is not in the content store.</exception>
    public void LinkImage(long appId, Image image, string tag)
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

        Put(id, image.Digest, content, document, Tag.Parse(tag));
        Put(id, image.Digest, content, document, Tag.Parse("latest"));
    }

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

    /// <param name="size">Bytes.</param>
    internal void LinkBlob(long repository, Digest digest, long size)
    {
        using var connection = database.Open();
        connection.Execute(
            "INSERT INTO repository_blobs(repository_id, digest, size, linked_at) VALUES (@repository, @digest, @size, @now) ON CONFLICT DO NOTHING",
            new { repository, digest = digest.ToString(), size, now = time.GetUtcNow() });
    }

    internal void Put(long repository, Digest digest, byte[] content, ManifestDocument document, Tag? tag)
    {
        var row = new
        {
            repository,
            digest = digest.ToString(),
            document.MediaType,
            content,
            subject = document.Subject?.ToString(),
            document.ArtifactType,
            tag = tag?.ToString(),
            now = time.GetUtcNow(),
        };
        using var transaction = database.Begin();
        transaction.Execute(
            """
            INSERT INTO manifests(repository_id, digest, media_type, content, subject, artifact_type, pushed_at)
            VALUES (@repository, @digest, @MediaType, @content, @subject, @ArtifactType, @now)
            ON CONFLICT DO UPDATE SET media_type = excluded.media_type, pushed_at = excluded.pushed_at
            """,
            row);
        foreach (var edge in document.Edges)
        {
            transaction.Execute(
                "INSERT INTO manifest_edges(repository_id, manifest, kind, digest, size) VALUES (@repository, @manifest, @kind, @digest, @Size) ON CONFLICT DO NOTHING",
                new { repository, manifest = digest.ToString(), kind = edge.Kind.ToString().ToLowerInvariant(), digest = edge.Digest.ToString(), edge.Size });
        }

        // Garbage collection may have taken the link of a blob that no manifest of this repository named until now.
        foreach (var edge in document.Edges.Where(edge => document.Blobs.Contains(edge.Digest)))
        {
            transaction.Execute(
                "INSERT INTO repository_blobs(repository_id, digest, size, linked_at) VALUES (@repository, @digest, @Size, @now) ON CONFLICT DO NOTHING",
                new { repository, digest = edge.Digest.ToString(), edge.Size, row.now });
        }

        if (tag is not null)
        {
            transaction.Execute(
                """
                INSERT INTO tags(repository_id, name, digest, updated_at) VALUES (@repository, @tag, @digest, @now)
                ON CONFLICT DO UPDATE SET digest = excluded.digest, updated_at = excluded.updated_at
                """,
                row);
        }

        transaction.Commit();
        news.Tell(repository);
    }

    internal StoredManifest? Manifest(long repository, Reference reference)
    {
        const string columns = "SELECT manifests.digest, media_type, content, artifact_type FROM manifests";
        using var connection = database.Open();
        return reference.Digest is { } digest
            ? connection.QuerySingleOrDefault<StoredManifest>($"{columns} WHERE repository_id = @repository AND digest = @digest", new { repository, digest = digest.ToString() })
            : connection.QuerySingleOrDefault<StoredManifest>(
                $"{columns} JOIN tags USING (repository_id, digest) WHERE repository_id = @repository AND tags.name = @tag", new { repository, tag = reference.ToString() });
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

    /// <summary>In byte order, after <paramref name="last"/>.</summary>
    internal IReadOnlyList<string> Tags(long repository, string last, int count)
    {
        using var connection = database.Open();
        return connection.Query<string>(
            "SELECT name FROM tags WHERE repository_id = @repository AND name > @last ORDER BY name LIMIT @count", new { repository, last, count }).AsList();
    }

    /// <summary>Manifests whose subject this is.</summary>
    internal IReadOnlyList<StoredManifest> Referrers(long repository, Digest subject)
    {
        using var connection = database.Open();
        return connection.Query<StoredManifest>(
            "SELECT digest, media_type, content, artifact_type FROM manifests WHERE repository_id = @repository AND subject = @subject ORDER BY digest",
            new { repository, subject = subject.ToString() }).AsList();
    }
}
