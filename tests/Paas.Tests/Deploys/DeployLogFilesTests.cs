using Paas.Testing;

namespace Paas.Deploys;

public sealed class DeployLogFilesTests : IDisposable
{
    private readonly TempHome _home = new();

    [Fact]
    public void The_newest_logs_of_each_app_stay()
    {
        for (var number = 1; number <= DeployLogFiles.Most + 5; number++)
        {
            Write(1, number, 10);
        }

        Write(2, 1, 10);
        var files = new DeployLogFiles(_home.Home);
        Assert.Equal(5, Sweep(files, dryRun: true).Count);
        Assert.Equal(DeployLogFiles.Most + 5, Directory.GetFiles(Folder(1)).Length);
        Assert.Equal(["1/5", "1/4", "1/3", "1/2", "1/1"], Sweep(files, dryRun: false).Select(log => log.Name));
        Assert.Equal(DeployLogFiles.Most, Directory.GetFiles(Folder(1)).Length);
        Assert.Single(Directory.GetFiles(Folder(2)));
    }

    [Fact]
    public void Large_logs_are_fewer_but_the_last_ones_stay_whatever_their_size()
    {
        for (var number = 1; number <= DeployLogFiles.Least + 2; number++)
        {
            Write(1, number, DeployLogFiles.MostBytes);
        }

        Assert.Equal(2, Sweep(new DeployLogFiles(_home.Home), dryRun: false).Count);
        Assert.Equal(DeployLogFiles.Least, Directory.GetFiles(Folder(1)).Length);
    }

    [Fact]
    public void A_home_without_deploys_has_nothing_to_sweep() => Assert.Empty(Sweep(new DeployLogFiles(_home.Home), dryRun: false));

    public void Dispose() => _home.Dispose();

    private static IReadOnlyList<State.Leftover> Sweep(DeployLogFiles files, bool dryRun) => files.Sweep(DateTimeOffset.UnixEpoch, dryRun, TestContext.Current.CancellationToken);

    private string Folder(long app) => Path.Combine(_home.Home.Logs, "deploys", $"{app}");

    /// <summary>A sparse file of this length.</summary>
    private void Write(long app, int number, long bytes)
    {
        Directory.CreateDirectory(Folder(app));
        using var file = File.Create(Path.Combine(Folder(app), $"{number}.jsonl"));
        file.SetLength(bytes);
    }
}
