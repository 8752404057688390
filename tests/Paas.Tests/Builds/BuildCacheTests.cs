using Paas.Accounts;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Oci;
using Paas.Registry;
using Paas.Testing;

namespace Paas.Builds;

public sealed class BuildCacheTests : IDisposable
{
    private static readonly DiffId Large = new(Digest.Of("large"u8));
    private static readonly DiffId Small = new(Digest.Of("small"u8));

    private readonly TempHome _home = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string> _said = [];
    private readonly long _team;

    public BuildCacheTests()
    {
        _team = new AccountStore(_home.Database, TimeProvider.System).AddTeam("team");
        MakeSnapshot(Large, 3 << 20);
        MakeSnapshot(Small, 1 << 20);
    }

    [Fact]
    public void A_cache_over_the_limit_of_one_app_keeps_what_fits_and_says_what_does_not()
    {
        var (cache, app) = (Cache(perApp: 2 << 20, all: 1 << 30), NewApp("hello"));

        cache.Keep(app, Build(), _said.Add);

        Assert.Equal(["node:small"], cache.LayersOf(app).Select(layer => layer.Name));
        Assert.Equal(["The layer large is not kept for the next build: with its 3 MB the app's build cache would be over its limit of 2 MB."], _said);
        Assert.InRange(cache.Sizes().Single().Bytes, 1 << 20, 2 << 20);
        Assert.Contains(cache.Find(app)!.Layers, layer => layer.Name == "image-only");
    }

    [Fact]
    public void Of_all_caches_together_those_go_first_that_no_build_used_for_longest()
    {
        var cache = Cache(perApp: 1 << 30, all: 9 << 20);
        var (oldest, used, newest) = (NewApp("oldest"), NewApp("used"), NewApp("newest"));
        foreach (var app in (long[])[used, oldest, newest])
        {
            cache.Keep(app, Build(), _said.Add);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        cache.Touch(used);
        cache.Enforce(new HashSet<long>(), _said.Add);

        Assert.Null(cache.Find(oldest));
        Assert.NotNull(cache.Find(used));
        Assert.NotNull(cache.Find(newest));
        Assert.Equal(["All build caches together were over their limit: the one that was unused for longest was given up."], _said);
    }

    [Fact]
    public void What_a_running_build_stands_on_stays()
    {
        var cache = Cache(perApp: 1 << 30, all: 0);
        var (running, idle) = (NewApp("running"), NewApp("idle"));
        cache.Keep(running, Build(), _said.Add);
        cache.Keep(idle, Build(), _said.Add);

        cache.Enforce(new HashSet<long> { running }, _said.Add);

        Assert.Equal([running], cache.Sizes().Select(size => size.AppId));
    }

    [Fact]
    public void A_cleared_cache_answers_no_build_any_more()
    {
        var (cache, app, builds) = (Cache(1 << 30, 1 << 30), NewApp("hello"), Builds());
        cache.Keep(app, Build(), _said.Add);
        builds.End(builds.Begin(app, 1, BuildCause.Push, "abc") with { State = BuildState.Built, Inputs = "inputs", EndedAt = _time.GetUtcNow() });
        Assert.Equal("inputs", builds.LastBuilt(app)!.Inputs);

        Assert.InRange(cache.Clear(app), 4 << 20, 5 << 20);

        Assert.Null(cache.Find(app));
        Assert.Null(builds.LastBuilt(app)!.Inputs);
        Assert.Equal(0, cache.Clear(app));
    }

    [Fact]
    public void Of_one_app_the_newest_builds_are_kept_and_what_ran_when_control_died_is_told()
    {
        var (builds, app) = (Builds(), NewApp("hello"));
        for (var number = 1; number <= BuildStore.Most + 3; number++)
        {
            builds.Begin(app, number, BuildCause.Push, null);
        }

        builds.Interrupt();

        Assert.Equal(BuildStore.Most, builds.List(app, 1000).Count);
        Assert.Null(builds.Find(app, 3));
        Assert.Equal(BuildState.Interrupted, builds.Find(app, 4)!.State);
    }

    public void Dispose() => _home.Dispose();

    private BuildStore Builds() => new(_home.Database, _time);

    private BuildCache Cache(long perApp, long all) => new(
        _home.Database, new SnapshotSizes(_home.Database, new Snapshots(_home.Home.Snapshots)), Builds(), new BuildsOptions { CacheBytesPerApp = perApp, CacheBytes = all }, _time);

    private long NewApp(string name) => _home.Apps().Create(_team, AppName.Parse(name)).Id;

    private static PreviousBuild Build() => new()
    {
        Image = Digest.Of("image"u8),
        Buildpacks =
        [
            new PreviousBuildpack("node", "1", null,
            [
                new PreviousLayer("image-only", new LayerFlags(false, true, false), "", new DiffId(Digest.Of("gone"u8)), null),
                new PreviousLayer("large", new LayerFlags(true, false, true), "", Large, null),
                new PreviousLayer("small", new LayerFlags(true, false, true), "", Small, null),
            ]),
        ],
    };

    private void MakeSnapshot(DiffId diffId, int bytes)
    {
        var folder = Path.Combine(_home.Home.Snapshots, "sha256", diffId.Digest.Hex[..2], diffId.Digest.Hex);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "file"), new byte[bytes]);
    }
}
