using System.Text.Json;
using Dapper;
using Paas.Client;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>A repository that its team sees.</summary>
internal sealed record OwnRepository
{
    public long Id { get; init; }

    public long TeamId { get; init; }

    public long? AppId { get; init; }

    /// <summary>Null: it stands alone.</summary>
    public string? App { get; init; }

    public string Name { get; init; } = "";

    /// <summary>As in <see cref="RepositoryKey"/>.</summary>
    public string Path { get; init; } = "";

    public bool Public { get; init; }

    public long? MaxBytes { get; init; }

    public int? KeepLast { get; init; }

    public int? KeepDays { get; init; }

    public string? KeepTags { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Repositories and tags as people look at them: few queries, however many there are.</summary>
internal sealed class Repositories(Database database, PlatformAddress address, ImagesOfReleases releases)
{
    /// <summary>What stood alone and has the name of an app's own repository now is out of reach, and not shown.</summary>
    private const string OfTeam =
        $"""
        SELECT repositories.id, repositories.team_id, app_id, apps.name AS app, {RepositoryNews.NameColumn} AS name, path, public, max_bytes, keep_last, keep_days, keep_tags,
          repositories.created_at
        FROM repositories LEFT JOIN apps ON apps.id = app_id
        WHERE repositories.team_id = @team AND apps.destroyed_at IS NULL
          AND (app_id IS NOT NULL OR path NOT IN (
            SELECT owner.name || CASE own.path WHEN '' THEN '' ELSE '/' || own.path END FROM apps AS owner JOIN repositories AS own ON own.app_id = owner.id
            WHERE owner.team_id = @team AND owner.destroyed_at IS NULL))
        """;

    /// <summary>What is in them; an app in the trash does not count, whoever looks at sizes.</summary>
    private const string BlobsOfTeam =
        """
        SELECT repository_id, digest, size FROM repository_blobs JOIN repositories ON repositories.id = repository_id LEFT JOIN apps ON apps.id = app_id
        WHERE repositories.team_id = @team AND apps.destroyed_at IS NULL
        """;

    /// <summary>What a manifest names, down to the last child of an index, for each of the given ones.</summary>
    private const string Reached =
        """
        WITH RECURSIVE reached(root, manifest) AS (
          SELECT value, value FROM json_each(@roots)
          UNION
          SELECT root, manifest_edges.digest FROM reached
          JOIN manifest_edges ON manifest_edges.repository_id = @id AND manifest_edges.manifest = reached.manifest AND kind = 'manifest')
        """;

    /// <exception cref="UserError">repository_not_found, also for another team's.</exception>
    public OwnRepository Get(long team, string name) => Find(team, name)
        ?? throw new UserError("repository_not_found", 404, $"There is no repository '{Printable.Short(name)}', or nothing was pushed to it yet. List yours with: paas registry repos");

    /// <summary>Null when the team has none of that name.</summary>
    public OwnRepository? Find(long team, string name)
    {
        if (!RepositoryName.TryParse(name, out var parsed))
        {
            return null;
        }

        using var connection = database.Open();
        return connection.QuerySingleOrDefault<OwnRepository>(
            $"{OfTeam} AND ((app_id IS NULL AND path = @name) OR (apps.name = @first AND path = @rest))",
            new { team, name = parsed.ToString(), first = parsed.First, rest = parsed.Rest });
    }

    /// <summary>By name.</summary>
    /// <param name="only">Null: all of the team.</param>
    public IReadOnlyList<RepositoryView> Views(long team, OwnRepository? only)
    {
        using var connection = database.Open();
        var own = only is null ? connection.Query<OwnRepository>($"{OfTeam} ORDER BY name", new { team }).AsList() : [only];
        var figures = connection.Query<Figures>(
            $"""
            WITH own AS ({BlobsOfTeam}),
              counted AS (SELECT digest, count(*) AS holders FROM own GROUP BY digest),
              sizes AS (
                SELECT repository_id, CAST(total(size) AS INTEGER) AS size, CAST(total(CASE WHEN holders > 1 THEN size ELSE 0 END) AS INTEGER) AS shared_size
                FROM own JOIN counted USING (digest) WHERE @only IS NULL OR repository_id = @only GROUP BY repository_id)
            SELECT id, coalesce(size, 0) AS size, coalesce(shared_size, 0) AS shared_size,
              (SELECT count(*) FROM tags WHERE tags.repository_id = repositories.id) AS tags,
              (SELECT max(pushed_at) FROM manifests WHERE manifests.repository_id = repositories.id) AS pushed_at
            FROM repositories LEFT JOIN sizes ON sizes.repository_id = repositories.id
            WHERE team_id = @team AND (@only IS NULL OR id = @only)
            """,
            new { team, only = only?.Id }).ToDictionary(row => row.Id);
        return [.. own.Where(repository => figures.ContainsKey(repository.Id)).Select(repository => View(repository, figures[repository.Id]))];
    }

    /// <summary>How many the team has, and bytes of all their blobs, each counted once.</summary>
    public (int Count, long Size) SizeOf(long team)
    {
        using var connection = database.Open();
        return (
            connection.Query<OwnRepository>(OfTeam, new { team }).Count(),
            connection.ExecuteScalar<long>(
                $"SELECT CAST(total(size) AS INTEGER) FROM (SELECT DISTINCT digest, size FROM ({BlobsOfTeam}))", new { team }));
    }

    /// <summary>Pushed last first.</summary>
    public IReadOnlyList<TagView> Tags(OwnRepository repository, int limit)
    {
        using var connection = database.Open();
        var tags = connection.Query<TagRow>(
            """
            SELECT name, tags.digest, updated_at, media_type, artifact_type FROM tags JOIN manifests USING (repository_id, digest)
            WHERE repository_id = @Id ORDER BY updated_at DESC, name LIMIT @limit
            """,
            new { repository.Id, limit }).AsList();
        var reached = Reach(repository.Id, tags.Select(tag => tag.Digest));
        var sizes = Sizes(repository.Id, tags.Select(tag => tag.Digest));
        var used = ReleasesOf(repository);
        return [.. tags.Select(tag =>
        {
            var (kind, artifact) = ManifestKind.Of(tag.MediaType, tag.ArtifactType);
            var running = used.Of(reached[tag.Digest]);
            return new TagView(tag.Name, tag.Digest, kind, sizes.GetValueOrDefault(tag.Digest), tag.UpdatedAt, [.. running.Select(release => release.Number)], running.Any(release => release.Live))
            {
                ArtifactType = artifact,
            };
        })];
    }

    /// <summary>Each manifest with itself and all that it names down to the last child.</summary>
    public ILookup<string, string> Reach(long repository, IEnumerable<string> roots)
    {
        using var connection = database.Open();
        return connection.Query<(string Root, string Manifest)>($"{Reached} SELECT root, manifest FROM reached", new { id = repository, roots = Json(roots) })
            .ToLookup(pair => pair.Root, pair => pair.Manifest, StringComparer.Ordinal);
    }

    /// <summary>Bytes of the config and layers of each manifest and of all that it names, each blob counted once.</summary>
    public Dictionary<string, long> Sizes(long repository, IEnumerable<string> roots)
    {
        using var connection = database.Open();
        return connection.Query<(string Root, long Size)>(
            $"""
            {Reached}
            SELECT root, CAST(total(size) AS INTEGER) FROM (
              SELECT DISTINCT root, digest, size FROM reached
              JOIN manifest_edges ON manifest_edges.repository_id = @id AND manifest_edges.manifest = reached.manifest AND kind <> 'manifest')
            GROUP BY root
            """,
            new { id = repository, roots = Json(roots) }).ToDictionary(pair => pair.Root, pair => pair.Size, StringComparer.Ordinal);
    }

    /// <summary>Empty for a repository that stands alone.</summary>
    public ReleasesByImage ReleasesOf(OwnRepository repository) => new(repository.AppId is { } app ? releases(app) : []);

    /// <summary>What a client pulls, without a tag.</summary>
    public string ImageOf(OwnRepository repository) => $"{address.RegistryHost}/{repository.Name}";

    private RepositoryView View(OwnRepository repository, Figures figures) => new(
        repository.Name,
        ImageOf(repository),
        repository.App,
        repository.Public,
        figures.Tags,
        figures.Size,
        figures.SharedSize,
        figures.PushedAt,
        new RetentionView(repository.KeepLast, repository.KeepDays, repository.KeepTags),
        repository.CreatedAt)
    { MaxBytes = repository.MaxBytes };

    private static string Json(IEnumerable<string> texts) => JsonSerializer.Serialize([.. texts.Distinct(StringComparer.Ordinal)], RegistryJson.Default.StringArray);

    private sealed class Figures
    {
        public long Id { get; init; }

        public long Size { get; init; }

        public long SharedSize { get; init; }

        public int Tags { get; init; }

        public DateTimeOffset? PushedAt { get; init; }
    }

    private sealed class TagRow
    {
        public string Name { get; init; } = "";

        public string Digest { get; init; } = "";

        public DateTimeOffset UpdatedAt { get; init; }

        public string MediaType { get; init; } = "";

        public string? ArtifactType { get; init; }
    }
}
