using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Instances;

/// <summary>What an instance may do, and how it ends.</summary>
public sealed class InstanceLifeTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_instance_that_fills_its_disk_is_started_anew_and_the_cause_is_told()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await using var events = await EventReader.OpenAsync(platform, null, Cancelled);
        await app.VisitAsync("/fill");
        var seen = await events.UntilAsync(view => view.App == app.Name && view.Instance is { State: "live", Restarts: 1 });
        Assert.Contains(seen, item => item.Event.Instance is { State: "restarting", Sentence: "Restarting: disk limit of 1 GB, once" });
        await app.UntilAsync("it serves", async () => (await app.VisitAsync()).Status == HttpStatusCode.OK);
        Assert.Equal("live", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task A_request_under_way_is_answered_by_the_release_that_took_it()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var slow = app.VisitAsync("/slow/4");
        await Task.Delay(200, Cancelled);
        await app.SetAsync(("GREETING", "Hi"));
        Assert.Equal($"Hi from {app.Name} v2\n", (await app.VisitAsync()).Body);
        Assert.Equal((HttpStatusCode.OK, $"Hello from {app.Name} v1\n"), await slow);
        await app.UntilAsync("the old instance is gone", async () => await app.InstancesAsync() is [{ Release: 2 }]);
        Assert.Contains("every request is answered", await app.ReadAsync("/logs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_SIGTERM_an_instance_has_its_grace_to_finish()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { DrainTimeout = 0, StopGrace = 30 });
        var slow = app.VisitAsync("/slow/3");
        await Task.Delay(200, Cancelled);
        await app.ChangeAsync(HttpMethod.Post, "/restart", null);
        Assert.Equal(HttpStatusCode.OK, (await slow).Status);
    }

    [Fact]
    public async Task The_release_command_runs_before_the_switch()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var push = app.PushChangeAsync("Procfile", "web: perl server.pl\nrelease: echo \"migrating for $PAAS_RELEASE\"; sleep 3\n");
        await app.UntilAsync("the release command runs", async () => (await app.DeploysAsync())[0] is { Number: 2, State: "releasing" });
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
        Assert.Equal(1, Assert.Single(await app.InstancesAsync()).Release);
        Assert.Contains("migrating for v2", (await push).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v2\n", (await app.VisitAsync()).Body);
        Assert.Equal(["web"], (await app.InstancesAsync()).Where(instance => instance.Release == 2).Select(instance => instance.Type));
    }

    [Fact]
    public async Task Secrets_are_seen_neither_by_the_pusher_nor_in_any_log()
    {
        const string Secret = "correct-horse-battery";
        await using var app = await PushedApp.CreateAsync(platform, "answers");
        await app.SetAsync(("SECRET", Secret));
        await app.WriteAsync("Procfile", "web: perl server.pl\nrelease: echo \"a script says $SECRET\"\n");
        await app.CommitAsync("Say it");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("a script says [redacted]", push.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, push.All, StringComparison.Ordinal);

        var log = await app.ReadAsync("/deploys/1/log");
        Assert.Contains("a script says [redacted]", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
        await app.UntilAsync("the instance has said it", async () => (await app.ReadAsync("/logs")).Contains("the secret is [redacted]", StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, await app.ReadAsync("/logs"), StringComparison.Ordinal);
    }
}
