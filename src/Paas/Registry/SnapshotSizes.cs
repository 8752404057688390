using Dapper;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>How much disk each snapshot takes; measured once, because a snapshot never changes and may have tens of thousands of files.</summary>
public sealed class SnapshotSizes(Database database, Snapshots snapshots)
{
    /// <summary>Bytes that its files take on the disk; 0 when it is not in the home's own store.</summary>
    public long Of(DiffId diffId)
    {
        using (var connection = database.Open())
        {
            if (connection.QuerySingleOrDefault<long?>("SELECT bytes FROM snapshot_sizes WHERE diff_id = @id", new { id = diffId.ToString() }) is { } known)
            {
                return known;
            }
        }

        if (snapshots.OwnPathOf(diffId) is not { } path)
        {
            return 0;
        }

        var bytes = TreeSize.Of(path);
        using var writing = database.Open();
        writing.Execute("INSERT INTO snapshot_sizes(diff_id, bytes) VALUES (@id, @bytes) ON CONFLICT DO NOTHING", new { id = diffId.ToString(), bytes });
        return bytes;
    }

    /// <summary>Forgets those that are gone.</summary>
    internal void Forget()
    {
        var there = snapshots.All().Select(diffId => diffId.ToString()).ToHashSet(StringComparer.Ordinal);
        using var connection = database.Open();
        var gone = connection.Query<string>("SELECT diff_id FROM snapshot_sizes").Where(id => !there.Contains(id)).Select(id => new { id }).ToList();
        if (gone.Count > 0)
        {
            connection.Execute("DELETE FROM snapshot_sizes WHERE diff_id = @id", gone);
        }
    }
}
