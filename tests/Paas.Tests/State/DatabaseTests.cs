using Dapper;
using Paas.Testing;

namespace Paas.State;

public sealed class DatabaseTests : IDisposable
{
    private readonly TempHome _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Migrating_again_does_nothing()
    {
        using var connection = _temp.Database.Open();
        var before = connection.Query<long>("SELECT number FROM migrations").AsList();
        _temp.Database.Migrate();
        Assert.Equal(before, connection.Query<long>("SELECT number FROM migrations"));
    }

    [Fact]
    public void Times_come_back_as_they_went_in_and_sort_as_text()
    {
        using var connection = _temp.Database.Open();
        var early = new DateTimeOffset(2026, 3, 1, 1, 30, 0, TimeSpan.FromHours(2)).AddTicks(1);
        var late = new DateTimeOffset(2026, 2, 28, 23, 30, 0, 5, TimeSpan.Zero);
        Assert.Equal(early, connection.QuerySingle<DateTimeOffset>("SELECT @early", new { early }));
        Assert.Equal(1, connection.ExecuteScalar<long>("SELECT @early < @late", new { early, late }));
    }

    [Fact]
    public void A_transaction_that_is_not_committed_leaves_nothing()
    {
        using (var transaction = _temp.Database.Begin())
        {
            transaction.Execute("INSERT INTO teams(name, created_at) VALUES ('x', 'now')");
        }

        using var connection = _temp.Database.Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT count(*) FROM teams"));
    }
}
