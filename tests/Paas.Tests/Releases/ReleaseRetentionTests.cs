using Paas.Accounts;
using Paas.Apps;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Releases;

public sealed class ReleaseRetentionTests : IDisposable
{
    private readonly TempHome _home = new();
    private readonly AppStore _apps;
    private readonly ReleaseStore _releases;
    private readonly App _app;
    private int? _current;
    private int _number;

    public ReleaseRetentionTests()
    {
        _apps = _home.Apps();
        _releases = new ReleaseStore(_home.Database, new ConfigCipher(_home.Home, mayMakeKey: true));
        _app = _apps.Create(new AccountStore(_home.Database, TimeProvider.System).AddTeam("team"), AppName.Parse("hello"));
    }

    private ReleaseRetention Retention => new(_home.Database, _ => _current, new ReleasesOptions { Keep = 3, KeepFailed = 1 }, TimeProvider.System);

    [Fact]
    public void The_newest_that_served_keep_their_image()
    {
        for (var number = 1; number <= 6; number++)
        {
            Add($"image {number}");
        }

        Assert.Equal(["v3", "v2", "v1"], Retention.GiveUp(dryRun: true).Select(release => release.Tag));
        Assert.Equal(6, _releases.Images(_app.Id).Count);
        Assert.Equal(["v3", "v2", "v1"], Retention.GiveUp(dryRun: false).Select(release => release.Tag));
        Assert.Equal([6, 5, 4], _releases.Images(_app.Id).Select(release => release.Number));
        Assert.NotNull(_releases.Find(_app.Id, 3)!.ArchivedAt);
        Assert.Null(_releases.Find(_app.Id, 4)!.ArchivedAt);

        // Told again each time: whoever removes their tags may have been cut off.
        Assert.Equal(3, Retention.GiveUp(dryRun: false).Count);
    }

    [Fact]
    public void What_serves_keeps_its_image_however_old_it_is()
    {
        for (var number = 1; number <= 6; number++)
        {
            Add($"image {number}");
        }

        _current = 1;
        Assert.Equal(["v3", "v2"], Retention.GiveUp(dryRun: false).Select(release => release.Tag));
    }

    [Fact]
    public void An_old_release_whose_image_a_newer_one_has_too_keeps_it()
    {
        Add("old");
        for (var number = 2; number <= 5; number++)
        {
            Add("config changed");
        }

        Add("old");
        Assert.Empty(Retention.GiveUp(dryRun: false));
    }

    [Fact]
    public void Releases_that_never_served_push_no_good_one_out()
    {
        Add("good");
        for (var number = 2; number <= 5; number++)
        {
            Add($"broken {number}", good: false);
        }

        Assert.Equal(["v4", "v3", "v2"], Retention.GiveUp(dryRun: false).Select(release => release.Tag));
    }

    [Fact]
    public void Garbage_collection_is_told_of_every_image_and_the_newest_two_stay_unpacked()
    {
        for (var number = 1; number <= 4; number++)
        {
            Add($"image {number}");
        }

        Retention.GiveUp(dryRun: false);
        var needs = Retention.Needs().ToList();
        Assert.Equal(["release v4 of hello", "release v3 of hello", "release v2 of hello"], needs.Select(need => need.Owner));
        Assert.Equal([true, true, false], needs.Select(need => need.Unpacked));
        Assert.Equal(ImageOf("image 4"), needs[0].Image);
    }

    [Fact]
    public void The_releases_of_an_app_in_the_trash_keep_their_images_packed()
    {
        for (var number = 1; number <= 5; number++)
        {
            Add($"image {number}");
        }

        _apps.Destroy(_app);
        Assert.Empty(Retention.GiveUp(dryRun: false));
        Assert.All(Retention.Needs(), need => Assert.False(need.Unpacked));
        Assert.Equal("release v5 of hello", Retention.Needs().First().Owner);
        _apps.Settle(_app.Id);
        _apps.Purge(_app.Id);
        Assert.Empty(Retention.Needs());
    }

    public void Dispose() => _home.Dispose();

    private static Digest ImageOf(string content) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(content));

    private void Add(string image, bool good = true)
    {
        _number++;
        _releases.Add(new Release
        {
            AppId = _app.Id,
            Number = _number,
            Image = ImageOf(image),
            Config = [],
            Processes = new Dictionary<string, string> { ["web"] = "serve" },
            Description = "Push",
            Actor = "admin",
            CreatedAt = DateTimeOffset.UnixEpoch,
        });
        if (good)
        {
            _releases.MarkGood(_app.Id, _number);
        }
    }
}
