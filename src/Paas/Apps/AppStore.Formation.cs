using Dapper;
using Paas.State;

namespace Paas.Apps;

public sealed partial class AppStore
{
    /// <summary>What was asked for, by type. A process type without a row has its default count: web 1, others 0.</summary>
    public IReadOnlyList<Formation> FormationOf(long appId)
    {
        using var connection = database.Open();
        return [.. connection.Query<FormationRow>("SELECT type, count, memory_mb, pids, disk_mb FROM formation WHERE app_id = @appId ORDER BY type", new { appId })
            .Select(row => new Formation(row.Type, row.Count, row.MemoryMb, row.Pids, row.DiskMb))];
    }

    /// <exception cref="UserError">formation_invalid.</exception>
    public void SetFormation(long appId, Formation formation)
    {
        FormationRules.Check(formation);
        using var connection = database.Open();
        connection.Execute(
            "INSERT OR REPLACE INTO formation(app_id, type, count, memory_mb, pids, disk_mb) VALUES (@appId, @Type, @Count, @MemoryMb, @Pids, @DiskMb)",
            new { appId, formation.Type, formation.Count, formation.MemoryMb, formation.Pids, formation.DiskMb });
    }

    private sealed class FormationRow
    {
        public string Type { get; init; } = "";

        public int Count { get; init; }

        public int MemoryMb { get; init; }

        public int Pids { get; init; }

        public int DiskMb { get; init; }
    }
}
