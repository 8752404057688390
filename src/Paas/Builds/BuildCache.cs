using System.Globalization;
using Paas.Buildpacks;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Builds;

/// <summary>The lifecycle's record of each app's last build: what its next one reuses, within the limits of one app and of all.</summary>
public sealed class BuildCache(Database database, SnapshotSizes sizes, BuildStore builds, BuildsOptions options, TimeProvider time)
{
    /// <summary>Null: nothing to reuse, or a record that another version of the platform wrote.</summary>
    public PreviousBuild? Find(long appId)
    {
        using var transaction = database.Begin();
        return transaction.Scalar<byte[]>("SELECT record FROM build_caches WHERE app_id = @appId", new { appId }) is { } record
            ? PreviousBuild.FromJson(record)
            : null;
    }

    /// <summary>Keeps what the app's next build may reuse; of a cache over its limit the largest layers are left out.</summary>
    /// <param name="line">Told what is left out.</param>
    public void Keep(long appId, PreviousBuild build, Action<string> line) => Set(appId, Trimmed(build, line));

    public void Set(long appId, PreviousBuild build)
    {
        var bytes = Cached(build).Sum(layer => BytesOf(layer.DiffId));
        using var transaction = database.Begin();
        transaction.Execute(
            "INSERT INTO build_caches(app_id, record, bytes, updated_at) VALUES (@appId, @record, @bytes, @now) "
            + "ON CONFLICT(app_id) DO UPDATE SET record = excluded.record, bytes = excluded.bytes, updated_at = excluded.updated_at",
            new { appId, record = build.ToJson(), bytes, now = Now });
        transaction.Commit();
    }

    /// <summary>A build that needed none of it has used it all the same.</summary>
    public void Touch(long appId)
    {
        using var transaction = database.Begin();
        transaction.Execute("UPDATE build_caches SET updated_at = @now WHERE app_id = @appId", new { appId, now = Now });
        transaction.Commit();
    }

    /// <summary>The next build starts cold, and is not answered from an earlier one.</summary>
    /// <returns>Bytes that the next collection can free, unless a build that runs still holds them.</returns>
    public long Clear(long appId)
    {
        builds.ForgetInputs(appId);
        return Drop(appId);
    }

    private long Drop(long appId)
    {
        using var transaction = database.Begin();
        var bytes = transaction.Scalar<long?>("DELETE FROM build_caches WHERE app_id = @appId RETURNING bytes", new { appId }) ?? 0;
        transaction.Commit();
        return bytes;
    }

    /// <summary>Gives up the caches that no build has used for longest, until all together are within the limit.</summary>
    /// <param name="running">Apps whose builds run now: theirs stay.</param>
    /// <param name="line">Told what is given up of the apps.</param>
    internal void Enforce(IReadOnlySet<long> running, Action<string> line)
    {
        var caches = Sizes();
        var over = caches.Sum(cache => cache.Bytes) - options.CacheBytes;
        foreach (var cache in caches.OrderBy(cache => cache.UsedAt).Where(cache => !running.Contains(cache.AppId) && cache.Bytes > 0))
        {
            if (over <= 0)
            {
                return;
            }

            Drop(cache.AppId);
            over -= cache.Bytes;
            line("All build caches together were over their limit: the one that was unused for longest was given up.");
        }
    }

    /// <summary>Every app's record: garbage collection keeps the layers that they name.</summary>
    public IReadOnlyList<PreviousBuild> All()
    {
        using var transaction = database.Begin();
        return [.. transaction.All<byte[]>("SELECT record FROM build_caches").Select(record => PreviousBuild.FromJson(record)).OfType<PreviousBuild>()];
    }

    /// <summary>How large each app's is, and when a build last used it.</summary>
    public IReadOnlyList<CacheSize> Sizes()
    {
        using var transaction = database.Begin();
        return [.. transaction.All<CacheSize>("SELECT app_id AS AppId, bytes AS Bytes, updated_at AS UsedAt FROM build_caches ORDER BY app_id")];
    }

    /// <summary>The layers that come back with their files in the app's next build, largest first.</summary>
    public IReadOnlyList<(string Name, long Bytes)> LayersOf(long appId) => Find(appId) is not { } build
        ? []
        : [.. build.Buildpacks.SelectMany(buildpack => buildpack.Layers.Where(layer => layer.Flags.Cache).Select(layer => ($"{buildpack.Id}:{layer.Name}", BytesOf(layer.DiffId)))).OrderByDescending(layer => layer.Item2)];

    /// <summary>What a snapshot takes on the disk.</summary>
    internal long BytesOf(DiffId diffId) => sizes.Of(diffId);

    private string Now => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    private PreviousBuild Trimmed(PreviousBuild build, Action<string> line)
    {
        var over = Cached(build).Sum(layer => BytesOf(layer.DiffId)) - options.CacheBytesPerApp;
        var left = new HashSet<DiffId>();
        foreach (var layer in Cached(build).OrderByDescending(layer => BytesOf(layer.DiffId)))
        {
            if (over <= 0)
            {
                break;
            }

            over -= BytesOf(layer.DiffId);
            left.Add(layer.DiffId);
            line($"The layer {layer.Name} is not kept for the next build: with its {Size(BytesOf(layer.DiffId))} the app's build cache would be over its limit of {Size(options.CacheBytesPerApp)}.");
        }

        return left.Count == 0
            ? build
            : build with { Buildpacks = [.. build.Buildpacks.Select(buildpack => buildpack with { Layers = [.. buildpack.Layers.Where(layer => !(layer.Flags.Cache && left.Contains(layer.DiffId)))] })] };
    }

    /// <summary>Layers that are kept for builds: each once, however often it is named.</summary>
    private static IEnumerable<PreviousLayer> Cached(PreviousBuild build) => build.Layers.Where(layer => layer.Flags.Cache).DistinctBy(layer => layer.DiffId);

    private static string Size(long bytes) => bytes < 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, bytes >> 20)} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GB");
}

/// <param name="Bytes">What its layers take on the disk; layers that several apps share count for each.</param>
public sealed record CacheSize(long AppId, long Bytes, DateTimeOffset UsedAt);
