using System.Text.Json;
using Dapper;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>What one repository takes.</summary>
/// <param name="Bytes">Of its blobs and manifests.</param>
/// <param name="SharedBytes">Of those blobs that another repository has too: they stay when this one goes.</param>
public sealed record RepositoryUsage(long Id, string Name, long? AppId, long Bytes, long SharedBytes)
{
    /// <summary>What would be free without it.</summary>
    public long OwnBytes => Bytes - SharedBytes;
}

/// <summary>What one app takes, with all of its repositories.</summary>
/// <param name="Bytes">Of its images, each layer once.</param>
/// <param name="SharedBytes">Of those layers that others have too.</param>
/// <param name="SnapshotBytes">Of its layers that lie unpacked.</param>
public sealed record AppUsage(long AppId, long Bytes, long SharedBytes, long SnapshotBytes);

/// <summary>What the whole content store of the home takes; base images in the machine's cache are not in it.</summary>
public sealed record StoreUsage(int Blobs, long BlobBytes, int Snapshots, long SnapshotBytes, long DiskFree, long DiskBytes);

/// <summary>Sizes on the disk: of the store, of repositories and of apps.</summary>
internal sealed class RegistryUsage(Database database, BlobStore blobs, Snapshots snapshots, SnapshotSizes sizes)
{
    public StoreUsage Store()
    {
        var disk = blobs.Disk;
        var (count, bytes) = blobs.Shards().SelectMany(blobs.In).Aggregate((Count: 0, Bytes: 0L), (sum, blob) => (sum.Count + 1, sum.Bytes + blob.Size));
        var unpacked = snapshots.All().ToList();
        return new StoreUsage(count, bytes, unpacked.Count, unpacked.Sum(sizes.Of), disk.AvailableFreeSpace, disk.TotalSize);
    }

    /// <summary>Those of the team, by name.</summary>
    public IReadOnlyList<RepositoryUsage> Repositories(long teamId)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>(
            $"""
            SELECT id, {CollectionRows.NameSql} AS name, app_id,
              (SELECT coalesce(sum(size), 0) FROM repository_blobs WHERE repository_id = repositories.id)
                + (SELECT coalesce(sum(length(content)), 0) FROM manifests WHERE repository_id = repositories.id) AS bytes,
              (SELECT coalesce(sum(size), 0) FROM repository_blobs mine WHERE repository_id = repositories.id
                AND EXISTS (SELECT 1 FROM repository_blobs other WHERE other.digest = mine.digest AND other.repository_id <> mine.repository_id)) AS shared_bytes
            FROM repositories WHERE team_id = @teamId ORDER BY name
            """,
            new { teamId }).Select(row => new RepositoryUsage(row.Id, row.Name, row.AppId, row.Bytes, row.SharedBytes))];
    }

    /// <summary>An app that nothing was pushed to takes nothing.</summary>
    public AppUsage App(long appId)
    {
        using var connection = database.Open();
        var (bytes, shared) = connection.QuerySingle<(long Bytes, long Shared)>(
            """
            SELECT coalesce(sum(size), 0), coalesce(sum(CASE WHEN EXISTS (
                SELECT 1 FROM repository_blobs other JOIN repositories ON repositories.id = other.repository_id
                WHERE other.digest = own.digest AND coalesce(repositories.app_id, 0) <> @appId) THEN size ELSE 0 END), 0)
            FROM (SELECT digest, max(size) AS size FROM repository_blobs JOIN repositories ON repositories.id = repository_id WHERE app_id = @appId GROUP BY digest) own
            """,
            new { appId });
        var manifests = connection.ExecuteScalar<long>(
            "SELECT coalesce(sum(length(content)), 0) FROM manifests JOIN repositories ON repositories.id = repository_id WHERE app_id = @appId", new { appId });
        var configs = connection.Query<string>(
            "SELECT DISTINCT digest FROM manifest_edges JOIN repositories ON repositories.id = repository_id WHERE app_id = @appId AND kind = 'config'", new { appId });
        return new AppUsage(appId, bytes + manifests, shared, configs.SelectMany(config => DiffIds(Digest.Parse(config))).Distinct().Sum(sizes.Of));
    }

    private IReadOnlyList<DiffId> DiffIds(Digest config)
    {
        try
        {
            return blobs.PathOf(config) is { } path && new FileInfo(path).Length < 1 << 20
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), OciJson.Canonical.ImageConfig)?.RootFs.DiffIds ?? []
                : [];
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            // Not an image's config: a signature's, a chart's.
            return [];
        }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public long? AppId { get; init; }

        public long Bytes { get; init; }

        public long SharedBytes { get; init; }
    }
}
