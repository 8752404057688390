using Dapper;
using Paas.Accounts;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Apps;

public sealed class AppStoreTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly AppStore _apps;
    private readonly long _team;
    private readonly long _other;

    public AppStoreTests()
    {
        _apps = _temp.Apps();
        var accounts = new AccountStore(_temp.Database, TimeProvider.System);
        _team = accounts.AddTeam("one");
        _other = accounts.AddTeam("two");
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void An_app_is_seen_by_its_team_only()
    {
        var app = Create("hello");

        Assert.Equal(app, _apps.Find(_team, "hello"));
        Assert.Equal(app, _apps.Find(app.Id));
        Assert.Null(_apps.Find(_other, "hello"));
        Assert.Equal([app], _apps.OfTeam(_team));
        Assert.Empty(_apps.OfTeam(_other));
        Assert.Equal("app_not_found", Assert.Throws<UserError>(() => _apps.Get(_other, "hello")).Code);
    }

    [Fact]
    public void A_new_app_has_the_documented_defaults()
    {
        var app = Create("hello");
        Assert.Equal(new App { Id = app.Id, TeamId = _team, Name = "hello", CreatedAt = app.CreatedAt }, app);
    }

    [Fact]
    public void A_taken_name_is_refused_whoever_has_it()
    {
        Create("hello");
        var error = Assert.Throws<UserError>(() => _apps.Create(_other, AppName.Parse("hello")));
        Assert.Equal(("app_name_taken", 409), (error.Code, error.Status));
    }

    [Fact]
    public void Settings_and_name_are_kept()
    {
        var app = Create("hello");
        var settings = new UpdateApp { HealthPath = "/up", HealthTimeout = 5, DrainTimeout = 0, StopGrace = 1, BuildTimeout = 60, ReadOnlyRoot = true, DeployBranch = "release/1" };
        var changed = AppSettingRules.Apply(app, settings) with { Name = "hi" };

        _apps.Update(changed);

        Assert.Equal(changed, _apps.Find(app.Id));
        _apps.SetDeployBranch(app.Id, "main");
        Assert.Equal("main", _apps.Find(app.Id)!.DeployBranch);
    }

    [Fact]
    public void A_rename_to_a_taken_name_is_refused()
    {
        var app = Create("hello");
        Create("taken");
        Assert.Equal("app_name_taken", Assert.Throws<UserError>(() => _apps.Update(app with { Name = "taken" })).Code);
    }

    [Fact]
    public void Destroying_frees_name_and_domains_at_once_and_keeps_the_rows()
    {
        var app = Create("hello");
        _apps.AddDomain(app, DomainName.Parse("www.example.com"));
        _apps.Set(app.Id, new() { ["KEY"] = "value" });

        Assert.True(_apps.Destroy(app));

        Assert.False(_apps.Destroy(app));
        Assert.Null(_apps.Find(app.Id));
        Assert.Null(_apps.Find(_team, "hello"));
        Assert.Empty(_apps.All());
        var second = _apps.Create(_other, AppName.Parse("hello"));
        Assert.True(_apps.AddDomain(second, DomainName.Parse("www.example.com")));
        Assert.Equal("value", _apps.ConfigVars(app.Id)[0].Value);
        Assert.Equal("hello", Assert.Single(_apps.Unsettled()).Name);
    }

    [Fact]
    public void A_destroyed_app_goes_for_good_after_the_retention_once_its_data_is_settled()
    {
        var app = Create("hello");
        _apps.Destroy(app);
        var later = TimeProvider.System.GetUtcNow().AddDays(1);

        Assert.Empty(_apps.Expired(later));
        _apps.Settle(app.Id);
        Assert.Empty(_apps.Unsettled());
        Assert.Empty(_apps.Expired(later.AddDays(-2)));
        Assert.Equal(app, Assert.Single(_apps.Expired(later)));

        _apps.Purge(app.Id);
        using var connection = _temp.Database.Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT count(*) FROM apps"));
    }

    [Fact]
    public void Purging_leaves_a_living_app_alone()
    {
        var app = Create("hello");
        _apps.Purge(app.Id);
        Assert.NotNull(_apps.Find(app.Id));
    }

    [Fact]
    public void Formation_is_kept_and_its_ranges_hold()
    {
        var app = Create("hello");
        Assert.Empty(_apps.FormationOf(app.Id));

        _apps.SetFormation(app.Id, new Formation("web", 2, 256));
        _apps.SetFormation(app.Id, new Formation("web", 3, 1024, 100, 2048));

        Assert.Equal([new Formation("web", 3, 1024, 100, 2048)], _apps.FormationOf(app.Id));
        Assert.Contains("0 to 100, not 101", Assert.Throws<UserError>(() => _apps.SetFormation(app.Id, new Formation("web", 101))).Message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => _apps.SetFormation(app.Id, new Formation("web", 1, MemoryMb: 1)));
        Assert.Throws<UserError>(() => _apps.SetFormation(app.Id, new Formation("Web_1", 1)));
    }

    private App Create(string name) => _apps.Create(_team, AppName.Parse(name));
}
