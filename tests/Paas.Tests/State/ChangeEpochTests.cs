using Dapper;
using Paas.Testing;

namespace Paas.State;

public sealed class ChangeEpochTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly ChangeEpoch _epoch;
    private readonly Database _database;

    public ChangeEpochTests()
    {
        _epoch = ChangeEpoch.Open(_temp.Home.EpochFile);
        _database = new Database(_temp.Home.DatabaseFile, _epoch);
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Every_commit_raises_it_before_its_caller_goes_on()
    {
        var before = _epoch.Current;
        using (var connection = _database.Open())
        {
            connection.Execute("INSERT INTO teams(name, created_at) VALUES ('a', 'now')");
        }

        Assert.Equal(before + 1, _epoch.Current);
        using (var transaction = _database.Begin())
        {
            transaction.Execute("INSERT INTO teams(name, created_at) VALUES ('b', 'now')");
            Assert.Equal(before + 1, _epoch.Current);
            transaction.Commit();
        }

        Assert.Equal(before + 2, _epoch.Current);
    }

    [Fact]
    public void Reading_and_rolling_back_leave_it()
    {
        var before = _epoch.Current;
        using (var transaction = _database.Begin())
        {
            transaction.Execute("INSERT INTO teams(name, created_at) VALUES ('a', 'now')");
        }

        using var connection = _database.Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT count(*) FROM teams"));
        Assert.Equal(before, _epoch.Current);
    }

    [Fact]
    public void The_log_is_still_written_back_into_the_file()
    {
        using var connection = _database.Open();
        connection.Execute("CREATE TABLE filling(content BLOB)");
        for (var i = 0; i < 20; i++)
        {
            connection.Execute("INSERT INTO filling VALUES (zeroblob(1000000))");
        }

        Assert.True(new FileInfo(_temp.Home.DatabaseFile).Length > 10_000_000);
        Assert.True(new FileInfo(_temp.Home.DatabaseFile + "-wal").Length < 10_000_000);
    }

    [Fact]
    public void A_reader_sees_what_the_writer_raises_and_a_restart_goes_on_from_there()
    {
        var reader = ChangeEpoch.TryRead(_temp.Home.EpochFile)!;
        Assert.Equal(_epoch.Current, reader.Current);
        _epoch.Raise();
        Assert.Equal(_epoch.Current, reader.Current);
        var again = ChangeEpoch.Open(_temp.Home.EpochFile);
        Assert.Equal(again.Current, reader.Current);
        Assert.Equal(_epoch.Current, reader.Current);
    }

    [Fact]
    public void No_file_is_no_epoch() => Assert.Null(ChangeEpoch.TryRead(Path.Combine(_temp.Home.Root, "none")));

    [Fact]
    public void Only_its_owner_may_write_it() =>
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_temp.Home.EpochFile));
}
