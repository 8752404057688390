using System.Net;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>The platform starts on what an earlier one left: leftovers go, what should run runs.</summary>
[Collection(OwnPlatform.Name)]
public sealed class StartTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stale_mounts_bundles_and_links_go_and_what_runs_is_adopted()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await platform.StopAsync();
        var root = Path.Combine(platform.Home.Run, "engine/b/a999.v1.web.1/rootfs");
        Directory.CreateDirectory(root);
        (await Command.RunAsync("mount", ["-t", "tmpfs", "stale", root], Cancelled)).Succeeded();
        var link = $"p{platform.Home.Tag}fffe";
        (await Command.RunAsync("ip", ["link", "add", link, "type", "veth", "peer", "name", $"q{platform.Home.Tag}fffe"], Cancelled)).Succeeded();
        platform.Start();
        await platform.ReadyAsync(Cancelled);

        var left = await new Traces(platform.Home).FindAsync(Cancelled);
        Assert.DoesNotContain($"mount {root}", left);
        Assert.DoesNotContain($"link {link}", left);
        Assert.False(Directory.Exists(Path.GetDirectoryName(root)));
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
        Assert.Equal(0, Assert.Single(await app.InstancesAsync()).Restarts);
    }

    [Fact]
    public async Task After_a_power_cut_everything_that_should_run_is_started_anew()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await using var site = await PushedApp.LiveAsync(platform, "hello-static");
        await app.SetAsync(("GREETING", "Good day"));
        var before = Assert.Single(await app.InstancesAsync(), instance => instance.Release == 2);
        await platform.CutPowerAsync();
        Assert.Empty(await new Traces(platform.Home).FindAsync(Cancelled));
        platform.Start();
        await platform.ReadyAsync(Cancelled);

        await app.UntilAsync("the app serves", async () => (await app.VisitAsync()).Status == HttpStatusCode.OK);
        await site.UntilAsync("the site serves", async () => (await site.VisitAsync()).Status == HttpStatusCode.OK);
        Assert.Equal($"Good day from {app.Name} v2\n", (await app.VisitAsync()).Body);
        var after = Assert.Single(await app.InstancesAsync());
        Assert.Equal((2, "live"), (after.Release, after.State));
        Assert.True(after.Since > before.Since);
        (await app.PushChangeAsync("note.txt", "after the reboot")).Succeeded();
    }
}
