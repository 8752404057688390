using Paas.Accounts;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Oci;
using Paas.Registry;
using Paas.Testing;

namespace Paas.Builds;

public sealed class RunningBuildsTests : IDisposable
{
    private static readonly DateTimeOffset Tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);

    private readonly TempHome _home = new();
    private readonly BuildCache _cache;
    private readonly RunningBuilds _builds;

    public RunningBuildsTests()
    {
        var (store, snapshots) = (new BuildStore(_home.Database, TimeProvider.System), new Snapshots(_home.Home.Snapshots));
        _cache = new BuildCache(_home.Database, new SnapshotSizes(_home.Database, snapshots), store, new BuildsOptions(), TimeProvider.System);
        _builds = new RunningBuilds(_cache, _home.Home);
    }

    [Fact]
    public void The_layers_of_every_cache_are_needed_and_those_of_a_running_build_when_its_cache_is_cleared()
    {
        var app = _home.Apps().Create(new AccountStore(_home.Database, TimeProvider.System).AddTeam("team"), AppName.Parse("hello"));
        var layer = new PreviousLayer("modules", new LayerFlags(true, true, true), "", new DiffId(Digest.Of("tar"u8)), new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = Digest.Of("blob"u8), Size = 4 });
        _cache.Set(app.Id, new PreviousBuild { Image = Digest.Of("image"u8), Buildpacks = [new PreviousBuildpack("node", "1", null, [layer])] });
        Assert.Equal(Digest.Of("blob"u8), _builds.Needs().Single().Blobs.Single());
        using (_builds.Begin("hello.2", app.Id, _cache.Find(app.Id)))
        {
            _cache.Clear(app.Id);
            Assert.Equal(layer.DiffId, _builds.Needs().Single().Snapshots.Single());
        }

        Assert.Empty(_builds.Needs());
    }

    [Fact]
    public void What_an_ended_build_left_is_swept_and_what_a_running_one_uses_is_not()
    {
        using var running = _builds.Begin("hello.2", 1, null);
        foreach (var id in (string[])["hello.1", "hello.2"])
        {
            Directory.CreateDirectory(Path.Combine(_home.Home.Builds, id, "workspace"));
            File.WriteAllText(Path.Combine(_home.Home.Builds, id + ".img"), "disk");
        }

        Assert.Equal(["hello.1"], Sweep(dryRun: true));
        Assert.True(Directory.Exists(Path.Combine(_home.Home.Builds, "hello.1")));
        Assert.Equal(["hello.1"], Sweep(dryRun: false));
        Assert.Equal(["hello.2", "hello.2.img"], Directory.EnumerateFileSystemEntries(_home.Home.Builds).Select(Path.GetFileName).Order());
        Assert.Empty(_builds.Sweep(TimeProvider.System.GetUtcNow(), false, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _home.Dispose();

    private IEnumerable<string> Sweep(bool dryRun) => _builds.Sweep(Tomorrow, dryRun, TestContext.Current.CancellationToken).Select(left => left.Name);
}
