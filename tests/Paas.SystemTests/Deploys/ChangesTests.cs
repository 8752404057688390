using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Changes without a push, on real instances.</summary>
public sealed class ChangesTests(Platform platform)
{
    [Fact]
    public async Task A_config_change_makes_a_release_and_a_rollback_takes_it_back()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["GREETING"] = "Hi" }));
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal($"Hi from {app.Name} v2\n", (await app.VisitAsync()).Body);

        (status, body) = await app.SendAsync(HttpMethod.Post, "/rollback", new RollBack(1));
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal($"Hello from {app.Name} v3\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task Every_good_release_can_be_rolled_back_to_and_no_other()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await app.SetAsync(("GREETING", "Hi"));
        Assert.NotEqual(0, (await app.PushChangeAsync("Procfile", "web: exit 1\n")).Code);
        (await app.PushChangeAsync("Procfile", "web: GREETING=Hey perl server.pl\n")).Succeeded();
        Assert.Equal($"Hey from {app.Name} v4\n", (await app.VisitAsync()).Body);

        var (status, body) = await app.SendAsync(HttpMethod.Post, "/rollback", new RollBack(3));
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("v3 never served", body, StringComparison.Ordinal);
        (status, body) = await app.SendAsync(HttpMethod.Post, "/rollback", new RollBack(99));
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("There is no release v99", body, StringComparison.Ordinal);

        await app.ChangeAsync(HttpMethod.Post, "/rollback", new RollBack(1));
        Assert.Equal($"Hello from {app.Name} v5\n", (await app.VisitAsync()).Body);
        await app.ChangeAsync(HttpMethod.Post, "/rollback", new RollBack(2));
        Assert.Equal($"Hi from {app.Name} v6\n", (await app.VisitAsync()).Body);
        Assert.Contains("GREETING", await app.ReadAsync("/config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_of_a_worker_alone_is_released_without_a_url_and_live_once_it_is_scaled()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        var push = (await app.PushChangeAsync("Procfile", "worker: while true; do echo tick; sleep 1; done\n")).Succeeded();
        Assert.Contains("Released v1: no web process; worker is at 0: paas ps scale worker=1", push.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("is live: http", push.Error, StringComparison.Ordinal);
        Assert.Equal("live", (await app.ViewAsync()).State);
        Assert.Contains("has no web process", (await app.VisitAsync()).Body, StringComparison.Ordinal);

        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) });
        await app.UntilAsync("the worker has said something", async () => (await app.ReadAsync("/logs?type=worker")).Contains("tick", StringComparison.Ordinal));
        Assert.Equal(("live", "Live: v1, 1 of 1 worker"), await app.ViewAsync() is var view ? (view.State, view.Sentence) : default);
    }

    [Fact]
    public async Task Workers_of_a_Procfile_run_when_they_are_scaled_up()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        Assert.Equal("web", Assert.Single(await app.InstancesAsync()).Type);
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 2, null) });
        Assert.Equal(2, (await app.InstancesAsync()).Count(instance => instance is { Type: "worker", State: "live" }));
        await app.UntilAsync("a worker has said something", async () => (await app.ReadAsync("/logs?type=worker")).Contains("tick from worker", StringComparison.Ordinal));
        (await app.PushChangeAsync("note.txt", "workers follow a push")).Succeeded();
        await app.UntilAsync("only the new release's workers run", async () => (await app.InstancesAsync()).Where(instance => instance.Type == "worker").Select(instance => instance.Release) is var of && of.SequenceEqual([2, 2]));
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 0, null) });
        await app.UntilAsync("no worker is left", async () => await app.InstancesAsync() is [{ Type: "web" }]);
    }

    [Fact]
    public async Task Three_instances_and_back_to_one()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 3, null) });
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal(3, (await app.InstancesAsync()).Count(instance => instance.State == "live"));

        (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 1, null) });
        Assert.True(status == HttpStatusCode.OK, body);
        await app.UntilAsync("one instance is left", async () => (await app.InstancesAsync()).Length == 1);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task A_process_type_that_the_release_lacks_cannot_be_scaled()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("clock", 1, null) });
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("it has web, worker", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pushes_under_load_cost_no_request()
    {
        await using var app = await PushedApp.LiveAsync(platform, "hello-node");
        using var load = new Load(platform, app.Url(), visitors: 4);
        for (var push = 0; push < 3; push++)
        {
            (await app.PushChangeAsync("note.txt", $"{push}")).Succeeded();
        }

        await app.ChangeAsync(HttpMethod.Post, "/restart", null);
        Assert.Empty(await load.StopAsync());
        Assert.True(load.Answered > 50);
    }

    [Fact]
    public async Task Two_pushes_at_once_take_turns_and_the_later_is_told_to_pull()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        await app.WriteAsync("index.html", "first");
        await app.CommitAsync("First of two");
        var first = app.PushAsync("main:main");
        (await app.GitAsync("checkout", "--quiet", "-b", "other", "HEAD~1")).Succeeded();
        await app.WriteAsync("index.html", "second");
        await app.CommitAsync("Second of two");
        var second = app.PushAsync("other:main");
        var codes = (await Task.WhenAll(first, second)).Select(push => push.Code).ToList();
        Assert.Contains(0, codes);
        Assert.Contains(codes, code => code != 0);
        Assert.Equal(2, (await app.ViewAsync()).Release);
    }
}
