using System.Diagnostics;
using System.Globalization;
using System.Net;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>What is killed comes back, and what runs is adopted once.</summary>
[Collection(OwnPlatform.Name)]
public sealed class CrashTests(Platform platform)
{
    /// <summary>The promise is 2 s; a machine that runs other tests beside this one gets more, and the real time is a figure.</summary>
    private static readonly TimeSpan EdgeBack = TimeSpan.FromSeconds(50);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killing_control_costs_no_request_and_the_instance_is_adopted()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        using var load = new Load(platform, app.Url());
        await KillAsync(platform.PidOf("control"));
        await platform.ReadyAsync(Cancelled);
        Assert.Empty(await load.StopAsync());
        Assert.Equal(before, await OwnInstancesAsync());
        Assert.Equal("live", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task Killing_the_edge_under_load_brings_it_back_with_its_routes()
    {
        await using var app = await LiveAsync();
        using var load = new Load(platform, app.Url(), visitors: 8);
        await app.UntilAsync("visitors are served", () => Task.FromResult(load.Answered > 50));
        var clock = Stopwatch.StartNew();
        var killed = platform.PidOf("edge");
        await KillAsync(killed);
        // Answers that were on their way when it died are not the new edge's.
        await app.UntilAsync("another edge has been started", () => Task.FromResult(EdgePid() is var now && now != 0 && now != killed));
        var answered = load.Answered;
        await app.UntilAsync("the edge serves again", () => Task.FromResult(load.Answered > answered));
        var away = clock.Elapsed;
        // Refusals from before it listened may still be on their way to the visitors.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancelled);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure edge.restart.time {away.TotalSeconds:0.000} s"));
        load.Forgive();
        answered = load.Answered;
        await app.UntilAsync("visitors are served as before", () => Task.FromResult(load.Answered > answered + 50));
        Assert.Empty(await load.StopAsync());
        Assert.True(away < EdgeBack, $"The edge was away for {away.TotalSeconds} s.");
        await app.UntilAsync("the app is live", async () => (await app.ViewAsync()).State == "live");
    }

    /// <summary>0 while its file is being written anew.</summary>
    private int EdgePid()
    {
        try
        {
            return platform.PidOf("edge");
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return 0;
        }
    }

    [Fact]
    public async Task Killing_both_roles_leaves_the_instances_running_and_adopts_them_once()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        await KillAsync(platform.PidOf("control"));
        await KillAsync(platform.PidOf("edge"));
        await app.UntilAsync("the edge serves again", () => ServesAsync(app));
        await platform.ReadyAsync(Cancelled);
        Assert.Equal(before, await OwnInstancesAsync());
        Assert.Single(await app.InstancesAsync());
    }

    [Fact]
    public async Task Killing_an_instance_starts_it_anew()
    {
        await using var app = await LiveAsync();
        foreach (var conmon in await OwnInstancesAsync())
        {
            foreach (var child in await ChildrenAsync(conmon))
            {
                await KillAsync(child);
            }
        }

        await app.UntilAsync("the instance has been started again", async () => await app.InstancesAsync() is [{ Restarts: > 0, State: "live" }] && await ServesAsync(app));
    }

    [Fact]
    public async Task Killing_a_supervisor_replaces_its_instance()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        foreach (var conmon in before)
        {
            await KillAsync(conmon);
        }

        await app.UntilAsync("another supervisor has the instance", async () => await OwnInstancesAsync() is [var now] && !before.Contains(now) && await ServesAsync(app));
    }

    private async Task<PushedApp> LiveAsync()
    {
        var app = await PushedApp.LiveAsync(platform, "answers");
        await app.UntilAsync("only this app runs", async () => (await OwnInstancesAsync()).Count == 1);
        return app;
    }

    private static async Task<bool> ServesAsync(PushedApp app)
    {
        try
        {
            return (await app.VisitAsync()).Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The supervisors of this platform's home.</summary>
    private async Task<List<int>> OwnInstancesAsync()
    {
        var found = await Command.RunAsync("pgrep", ["-f", $"^[^ ]*conmon .*{platform.Home.Root}/"], Cancelled);
        return [.. Numbers(found.Output)];
    }

    private static async Task<List<int>> ChildrenAsync(int pid) =>
        [.. Numbers((await Command.RunAsync("pgrep", ["-P", pid.ToString(CultureInfo.InvariantCulture)], Cancelled)).Output)];

    private static IEnumerable<int> Numbers(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Order();

    private static async Task KillAsync(int pid) =>
        (await Command.RunAsync("kill", ["-KILL", pid.ToString(CultureInfo.InvariantCulture)], Cancelled)).Succeeded();
}
