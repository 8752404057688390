using System.Globalization;
using System.Net;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Control goes away in the middle of a deploy.</summary>
[Collection(OwnPlatform.Name)]
public sealed class InterruptedTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_under_way_when_control_is_killed_is_interrupted_and_pushing_again_works()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("package.json", "{ \"scripts\": { \"start\": \"node server.js\", \"build\": \"sleep ${BUILD_NAP:-0}\" } }");
        await app.CommitAsync("Build by npm");
        (await app.PushAsync()).Succeeded();
        await app.SetAsync(("BUILD_NAP", "4711"));
        var push = app.PushChangeAsync("note.txt", "second");
        await app.UntilAsync("the build naps", async () => await NapsAsync());
        await KillControlAsync();
        Assert.NotEqual(0, (await push).Code);
        await platform.ReadyAsync(Cancelled);

        var deploy = (await app.DeploysAsync())[0];
        Assert.Equal((3, "interrupted"), (deploy.Number, deploy.State));
        Assert.Contains("push again", deploy.Sentence, StringComparison.Ordinal);
        Assert.False(await NapsAsync());
        Assert.Equal($"Hello from {app.Name} v2\n", (await app.VisitAsync()).Body);

        await app.SetAsync(("BUILD_NAP", null));
        (await app.PushAsync()).Succeeded();
        Assert.Equal($"Hello from {app.Name} v5\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task A_config_change_goes_on_after_control_was_killed()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var change = await BeginSlowChangeAsync(app);
        await KillControlAsync();
        await change.EndAsync();
        await platform.ReadyAsync(Cancelled);
        await ChangedAsync(app);
    }

    [Fact]
    public async Task A_config_change_goes_on_after_the_platform_was_stopped()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var change = await BeginSlowChangeAsync(app);
        await platform.StopAsync();
        await change.EndAsync();
        platform.Start();
        await platform.ReadyAsync(Cancelled);
        await ChangedAsync(app);
    }

    /// <summary>Returns while the new instance is not up yet.</summary>
    private static async Task<Changing> BeginSlowChangeAsync(PushedApp app)
    {
        var change = app.SetAsync(("START_AFTER", "6"), ("GREETING", "At last"));
        await app.UntilAsync("the new release is starting", async () => (await app.DeploysAsync())[0] is { Number: 2, State: "starting" } && (await app.InstancesAsync()).Any(instance => instance.Release == 2));
        return new Changing(change);
    }

    private static async Task ChangedAsync(PushedApp app)
    {
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
        await app.UntilAsync("the change is live", async () => (await app.DeploysAsync())[0] is { Number: 2, State: "live" });
        Assert.Equal($"At last from {app.Name} v2\n", (await app.VisitAsync()).Body);
        Assert.Contains("START_AFTER", await app.ReadAsync("/config"), StringComparison.Ordinal);
        await app.UntilAsync("the old instance is gone", async () => await app.InstancesAsync() is [{ Release: 2 }]);
    }

    private async Task KillControlAsync() =>
        (await Command.RunAsync("kill", ["-KILL", platform.PidOf("control").ToString(CultureInfo.InvariantCulture)], Cancelled)).Succeeded();

    private static async Task<bool> NapsAsync() => (await Command.RunAsync("pgrep", ["-f", "^sleep 4711$"], Cancelled)).Code == 0;

    /// <summary>A call under way that nobody will be there to answer well.</summary>
    private sealed record Changing(Task Call)
    {
        public Task EndAsync() => Call.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
