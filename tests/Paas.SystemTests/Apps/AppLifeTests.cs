using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Apps;

/// <summary>Apps that are renamed or destroyed while they run.</summary>
public sealed class AppLifeTests(Platform platform)
{
    [Fact]
    public async Task Renaming_under_load_fails_no_request_and_keeps_the_logs()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var domain = $"{app.Name}.example.com";
        await app.ChangeAsync(HttpMethod.Post, "/domains", new AddDomain(domain));
        var (old, renamed) = (app.Url(), $"{app.Name}-new");
        using var byName = new Load(platform, old, 2, HttpStatusCode.OK, HttpStatusCode.NotFound);
        using var byDomain = new Load(platform, new UriBuilder(old) { Host = domain }.Uri);
        await app.UntilAsync("visitors are served", () => Task.FromResult(byName.Answered > 20 && byDomain.Answered > 20));
        await app.RenameAsync(renamed);
        var before = byDomain.Answered;
        await app.UntilAsync("visitors are served", () => Task.FromResult(byDomain.Answered > before + 20));
        Assert.Empty(await byName.StopAsync());
        Assert.Empty(await byDomain.StopAsync());

        using var visitor = platform.Visitor();
        using var gone = await visitor.GetAsync(old, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
        Assert.Contains("listening on", await app.ReadAsync("/logs"), StringComparison.Ordinal);
        (await app.PushChangeAsync("note.txt", "pushed under the new name")).Succeeded();
        Assert.Equal($"Hello from {renamed} v2\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task Destroying_frees_the_name_at_once_and_leaves_nothing_running()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        Assert.True(await RunsAsync(app));
        await app.ChangeAsync(HttpMethod.Delete, "", null);
        Assert.False(await RunsAsync(app));
        using var visitor = platform.Visitor();
        using var gone = await visitor.GetAsync(app.Url(), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        var (status, body) = await platform.SendAsync(HttpMethod.Post, "/apps", new CreateApp(app.Name), TestContext.Current.CancellationToken);
        Assert.True(status == HttpStatusCode.Created, body);
        Assert.Empty(await app.DeploysAsync());
        Assert.DoesNotContain("listening", await app.ReadAsync("/logs"), StringComparison.Ordinal);
        (await app.PushAsync()).Succeeded();
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task Destroying_ends_a_deploy_that_is_under_way()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var push = app.PushChangeAsync("Procfile", "web: START_AFTER=600 perl server.pl $PAAS_APP\n");
        await app.UntilAsync("the release starts", async () => (await app.InstancesAsync()).Any(instance => instance.Release == 2));
        await app.ChangeAsync(HttpMethod.Delete, "", null);
        Assert.NotEqual(0, (await push).Code);
        await app.UntilAsync("nothing of it runs", async () => !await RunsAsync(app));
    }

    /// <summary>The sample's Procfile gives the app's name to its process.</summary>
    private static async Task<bool> RunsAsync(PushedApp app) =>
        (await Command.RunAsync("pgrep", ["-f", $"server.pl {app.Name}$"], TestContext.Current.CancellationToken)).Code == 0;
}
