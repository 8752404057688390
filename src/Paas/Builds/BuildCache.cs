using Paas.Buildpacks;
using Paas.State;

namespace Paas.Builds;

/// <summary>The lifecycle's record of each app's last build: what its next one reuses.</summary>
public sealed class BuildCache(Database database, TimeProvider time)
{
    /// <summary>Null: nothing to reuse, or a record that another version of the platform wrote.</summary>
    public PreviousBuild? Find(long appId)
    {
        using var transaction = database.Begin();
        return transaction.Scalar<byte[]>("SELECT record FROM build_caches WHERE app_id = @appId", new { appId }) is { } record
            ? PreviousBuild.FromJson(record)
            : null;
    }

    public void Set(long appId, PreviousBuild build)
    {
        using var transaction = database.Begin();
        transaction.Execute(
            "INSERT INTO build_caches(app_id, record, updated_at) VALUES (@appId, @record, @now) ON CONFLICT(app_id) DO UPDATE SET record = excluded.record, updated_at = excluded.updated_at",
            new { appId, record = build.ToJson(), now = time.GetUtcNow().ToString("O") });
        transaction.Commit();
    }

    /// <summary>The next build starts cold.</summary>
    public void Clear(long appId)
    {
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM build_caches WHERE app_id = @appId", new { appId });
        transaction.Commit();
    }

    /// <summary>Every app's record: garbage collection keeps the layers that they name.</summary>
    public IReadOnlyList<PreviousBuild> All()
    {
        using var transaction = database.Begin();
        return [.. transaction.All<byte[]>("SELECT record FROM build_caches").Select(record => PreviousBuild.FromJson(record)).OfType<PreviousBuild>()];
    }
}
