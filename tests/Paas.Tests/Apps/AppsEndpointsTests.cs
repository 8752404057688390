using System.Globalization;
using System.Net;
using Paas.Accounts;
using Paas.Client;
using Paas.Testing;

namespace Paas.Apps;

public sealed class AppsEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_is_made_listed_changed_and_destroyed()
    {
        await using var paas = await TestPaas.StartAsync();
        var made = await CreateAsync(paas, "hello").ReadAsync<AppView>(HttpStatusCode.Created);
        Assert.Equal(("http://localhost:8080/git/hello.git", "http://hello.localhost:8080"), (made.GitUrl, made.Url));
        Assert.Equal("app_name_taken", (await CreateAsync(paas, "hello").ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.Equal("app_name_invalid", (await CreateAsync(paas, "Hello").ProblemAsync(HttpStatusCode.BadRequest)).Code);
        Assert.Equal("app_name_reserved", (await CreateAsync(paas, "registry").ProblemAsync(HttpStatusCode.BadRequest)).Code);

        var changed = await paas.Api.PatchAsJsonAsync("/api/v1/apps/hello", new UpdateApp { Name = "hi", HealthPath = "/up" }, Token).ReadAsync<AppView>();
        Assert.Equal(("hi", "/up"), (changed.Name, changed.Settings.HealthPath));
        Assert.Equal("setting_invalid", (await paas.Api.PatchAsJsonAsync("/api/v1/apps/hi", new UpdateApp { DrainTimeout = -1 }, Token).ProblemAsync(HttpStatusCode.BadRequest)).Code);
        Assert.Equal(["hi"], (await paas.Api.GetAsync("/api/v1/apps", Token).ReadAsync<AppView[]>()).Select(app => app.Name));

        using var destroyed = await paas.Api.DeleteAsync("/api/v1/apps/hi", Token);
        Assert.Equal(HttpStatusCode.NoContent, destroyed.StatusCode);
        Assert.Equal("app_not_found", (await paas.Api.GetAsync("/api/v1/apps/hi", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
        await CreateAsync(paas, "hi").ReadAsync<AppView>(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Destroying_lets_every_slice_move_its_data_and_is_finished_after_a_crash()
    {
        var moved = new List<string>();
        var broken = true;
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton<AppDestroyed>((app, _) =>
        {
            moved.Add(app.Name);
            return broken ? Task.FromException(new IOException("disk full")) : Task.CompletedTask;
        }));
        var loop = paas.Services.GetServices<IHostedService>().OfType<AppsLoop>().Single();
        await CreateAsync(paas, "hello").ReadAsync<AppView>(HttpStatusCode.Created);

        await paas.Api.DeleteAsync("/api/v1/apps/hello", Token).ProblemAsync(HttpStatusCode.InternalServerError);
        await CreateAsync(paas, "hello").ReadAsync<AppView>(HttpStatusCode.Created);
        broken = false;
        await loop.SweepAsync(Token);
        await loop.SweepAsync(Token);

        Assert.Equal(["hello", "hello"], moved);
    }

    [Fact]
    public async Task The_trash_is_emptied_after_seven_days_and_not_before()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var temp = new TempHome();
        var apps = new AppStore(temp.Database, new ConfigCipher(temp.Home, mayMakeKey: true), temp.Address, time);
        var app = apps.Create(new AccountStore(temp.Database, time).AddTeam("one"), AppName.Parse("hello"));
        var trash = Path.Combine(temp.Home.Trash, app.Id.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(Path.Combine(trash, "git"));
        apps.Destroy(app);
        using var loop = new AppsLoop(apps, new AppEvents([], [], apps), temp.Home, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AppsLoop>.Instance);

        await loop.SweepAsync(Token);
        time.Advance(TimeSpan.FromDays(7));
        await loop.SweepAsync(Token);
        Assert.True(Directory.Exists(trash));

        time.Advance(TimeSpan.FromSeconds(1));
        await loop.SweepAsync(Token);
        Assert.False(Directory.Exists(trash));
        Assert.Empty(apps.Expired(time.GetUtcNow()));
    }

    [Fact]
    public async Task Config_is_masked_until_it_is_revealed_which_leaves_a_trace()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas, "hello").ReadAsync<AppView>(HttpStatusCode.Created);
        var apps = paas.Services.GetRequiredService<AppStore>();
        var app = Assert.Single(apps.All());
        apps.Set(app.Id, new() { ["KEY"] = "secret" });
        apps.Set(app.Id, new() { ["MODE"] = "fast" }, "run", plain: true);

        Assert.Equal(
            [new ConfigVarView("KEY", null, "all", false), new ConfigVarView("MODE", "fast", "run", true)],
            (await paas.Api.GetAsync("/api/v1/apps/hello/config", Token).ReadAsync<ConfigVarView[]>()).Select(Unversioned));
        Assert.Equal(
            [new ConfigVarView("KEY", "secret", "all", false)],
            (await RevealAsync(paas, "KEY").ReadAsync<ConfigVarView[]>()).Select(Unversioned));
        Assert.Equal(2, (await RevealAsync(paas).ReadAsync<ConfigVarView[]>()).Length);
        Assert.Equal("config_not_found", (await RevealAsync(paas, "NONE").ProblemAsync(HttpStatusCode.NotFound)).Code);
        var trace = (await paas.Api.GetAsync("/api/v1/apps/hello/activity", Token).ReadAsync<ActivityView[]>())[1];
        Assert.Equal(("config.revealed", "Looked at KEY."), (trace.Action, trace.Text));
    }

    [Fact]
    public async Task Domains_and_formation_are_shown_with_what_is_there_by_itself()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas, "hello").ReadAsync<AppView>(HttpStatusCode.Created);
        await paas.Api.PostAsJsonAsync("/api/v1/apps/hello/domains", new AddDomain("www.example.com"), Token).ReadAsync<DomainView>();

        Assert.Equal(
            [new DomainView("hello.localhost", "http://hello.localhost:8080", true), new DomainView("www.example.com", "http://www.example.com:8080", false)],
            await paas.Api.GetAsync("/api/v1/apps/hello/domains", Token).ReadAsync<DomainView[]>());
        Assert.Equal([new FormationView("web", 1, 512, 512, 1024, null)], await paas.Api.GetAsync("/api/v1/apps/hello/formation", Token).ReadAsync<FormationView[]>());

        using var removed = await paas.Api.DeleteAsync("/api/v1/apps/hello/domains/www.example.com", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await paas.Api.DeleteAsync("/api/v1/apps/hello/domains/www.example.com", Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public void The_formation_shows_web_first_and_no_release_command() =>
        Assert.Equal(
            [new FormationView("web", 1, 512, 512, 1024, "node ."), new FormationView("clock", 0, 512, 512, 1024, "node clock"), new FormationView("worker", 2, 256, 512, 1024, null)],
            FormationViews.Of([new Formation("worker", 2, 256)], new Dictionary<string, string> { ["clock"] = "node clock", ["release"] = "migrate", ["web"] = "node ." }));

    private static Task<HttpResponseMessage> CreateAsync(TestPaas paas, string name) => paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp(name), Token);

    private static ConfigVarView Unversioned(ConfigVarView view) => view with { Version = "" };

    private static Task<HttpResponseMessage> RevealAsync(TestPaas paas, params string[] names) =>
        paas.Api.PostAsJsonAsync("/api/v1/apps/hello/config/reveal", new RevealConfig(names), Token);
}
