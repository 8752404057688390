using Dapper;
using Paas.State;

namespace Paas.Instances;

public enum RolloutState
{
    /// <summary>Being started beside the current one; nobody is routed to it.</summary>
    Starting,

    /// <summary>What serves.</summary>
    Current,

    /// <summary>Drains and goes away.</summary>
    Retired,
}

/// <summary>One release as it is rolled out. The revision counts roll-outs of the same release (restart, other size).</summary>
public sealed record RolloutRow(long AppId, int Release, int Revision, RolloutState State);

/// <summary>What should run, in the database: survives control, and says after a crash what is to go on, to drain or to be removed.</summary>
public sealed class RolloutStore(Database database)
{
    public IReadOnlyList<RolloutRow> All()
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>("SELECT app_id, release, revision, state FROM rollouts ORDER BY app_id, release, revision").Select(row => row.ToRollout())];
    }

    /// <summary>Null before the first release serves.</summary>
    public RolloutRow? CurrentOf(long appId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>("SELECT app_id, release, revision, state FROM rollouts WHERE app_id = @appId AND state = 'current'", new { appId })?.ToRollout();
    }

    /// <summary>Writes a new roll-out down before anything of it runs; takes the release's next revision.</summary>
    public RolloutRow Begin(long appId, int release)
    {
        using var transaction = database.Begin();
        var revision = transaction.Scalar<long>("SELECT coalesce(max(revision) + 1, 0) FROM rollouts WHERE app_id = @appId AND release = @release", new { appId, release });
        transaction.Execute("INSERT INTO rollouts(app_id, release, revision, state) VALUES (@appId, @release, @revision, 'starting')", new { appId, release, revision });
        transaction.Commit();
        return new RolloutRow(appId, release, (int)revision, RolloutState.Starting);
    }

    /// <summary>The new one serves and the old one drains, in one step.</summary>
    public void Switch(RolloutRow rollout)
    {
        using var transaction = database.Begin();
        transaction.Execute("UPDATE rollouts SET state = 'retired' WHERE app_id = @AppId AND state = 'current'", rollout);
        transaction.Execute("UPDATE rollouts SET state = 'current' WHERE app_id = @AppId AND release = @Release AND revision = @Revision", rollout);
        transaction.Commit();
    }

    /// <summary>Undoes a switch that could not be routed.</summary>
    public void SwitchBack(RolloutRow rollout, RolloutRow? previous)
    {
        using var transaction = database.Begin();
        transaction.Execute("UPDATE rollouts SET state = 'starting' WHERE app_id = @AppId AND release = @Release AND revision = @Revision", rollout);
        if (previous is not null)
        {
            transaction.Execute("UPDATE rollouts SET state = 'current' WHERE app_id = @AppId AND release = @Release AND revision = @Revision", previous);
        }

        transaction.Commit();
    }

    public void Remove(RolloutRow rollout)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM rollouts WHERE app_id = @AppId AND release = @Release AND revision = @Revision", rollout);
    }

    private sealed record Row(long App_Id, long Release, long Revision, string State)
    {
        public RolloutRow ToRollout() => new(App_Id, (int)Release, (int)Revision, Enum.Parse<RolloutState>(State, ignoreCase: true));
    }
}
