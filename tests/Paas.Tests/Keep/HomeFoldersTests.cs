using Paas.State;

namespace Paas.Keep;

public sealed class HomeFoldersTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-home-");

    private PlatformHome Home => new(Path.Combine(_root.FullName, "home"));

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Other_users_of_the_machine_see_nothing_of_images_logs_builds_and_keys()
    {
        // As an earlier version left them.
        Directory.CreateDirectory(Home.Snapshots);
        Directory.CreateDirectory(Home.Logs);

        HomeFolders.Make(Home, edge: null);

        foreach (var folder in (string[])[Home.Keys, Home.Blobs, Home.Snapshots, Home.Builds, Home.Engine, Home.Logs, Home.Trash])
        {
            Assert.True((File.GetUnixFileMode(folder) & Others) == 0, $"{folder} is open to others.");
        }
    }

    [Fact]
    public void The_way_to_sockets_and_repositories_can_be_passed_but_not_looked_around_in()
    {
        HomeFolders.Make(Home, edge: null);

        foreach (var folder in (string[])[Home.Root, Home.Run, Home.Git])
        {
            Assert.Equal(UnixFileMode.OtherExecute, File.GetUnixFileMode(folder) & Others);
        }
    }

    [Fact]
    public void The_edge_reads_blobs_by_its_group()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        HomeFolders.Make(Home, new EdgeAccount(65534, 65534));

        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Home.Blobs));
    }
}
