using System.Globalization;
using System.Net;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>What is killed comes back, and what runs is adopted once. The tests share one platform, so they run one after another.</summary>
public sealed class CrashTests(Platform platform)
{
    [Fact]
    public async Task Killing_control_costs_no_request_and_the_instance_is_adopted()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        using var load = new Load(platform, app.Name);
        await KillAsync(platform.PidOf("control"));
        await platform.ReadyAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await load.StopAsync());
        Assert.Equal(before, await OwnInstancesAsync());
        Assert.Equal("live", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task Killing_the_edge_brings_it_back_with_its_routes()
    {
        await using var app = await LiveAsync();
        await KillAsync(platform.PidOf("edge"));
        await app.UntilAsync("the edge serves again", async () => await ServesAsync(app));
        Assert.Equal("live", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task Killing_both_roles_leaves_the_instances_running_and_adopts_them_once()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        await KillAsync(platform.PidOf("control"));
        await KillAsync(platform.PidOf("edge"));
        await app.UntilAsync("the edge serves again", async () => await ServesAsync(app));
        await platform.ReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before, await OwnInstancesAsync());
    }

    [Fact]
    public async Task Killing_an_instance_starts_it_anew()
    {
        await using var app = await LiveAsync();
        var before = await OwnInstancesAsync();
        foreach (var conmon in before)
        {
            foreach (var child in await ChildrenAsync(conmon))
            {
                await KillAsync(child);
            }
        }

        await app.UntilAsync("the instance has been started again", async () => (await app.InstancesAsync()) is [{ Restarts: > 0, State: "live" }] && await ServesAsync(app));
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
        var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
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
        var found = await Command.RunAsync("pgrep", ["-f", $"^[^ ]*conmon .*{platform.Home.Root}/"], TestContext.Current.CancellationToken);
        return [.. Numbers(found.Output)];
    }

    private static async Task<List<int>> ChildrenAsync(int pid) =>
        [.. Numbers((await Command.RunAsync("pgrep", ["-P", pid.ToString(CultureInfo.InvariantCulture)], TestContext.Current.CancellationToken)).Output)];

    private static IEnumerable<int> Numbers(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Order();

    private static async Task KillAsync(int pid) =>
        (await Command.RunAsync("kill", ["-KILL", pid.ToString(CultureInfo.InvariantCulture)], TestContext.Current.CancellationToken)).Succeeded();

    /// <summary>A steady visitor.</summary>
    private sealed class Load : IDisposable
    {
        private readonly CancellationTokenSource _enough = new();
        private readonly HttpClient _visitor;
        private readonly List<string> _wrong = [];
        private readonly Task _running;

        public Load(Platform platform, string app)
        {
            _visitor = platform.Visitor();
            _running = Task.Run(async () =>
            {
                while (!_enough.IsCancellationRequested)
                {
                    try
                    {
                        using var answer = await _visitor.GetAsync(platform.UrlOf(app));
                        if (answer.StatusCode != HttpStatusCode.OK)
                        {
                            _wrong.Add(answer.StatusCode.ToString());
                        }
                    }
                    catch (HttpRequestException error)
                    {
                        _wrong.Add(error.Message);
                    }

                    await Task.Delay(5);
                }
            });
        }

        public async Task<IReadOnlyList<string>> StopAsync()
        {
            await _enough.CancelAsync();
            await _running;
            return _wrong;
        }

        public void Dispose()
        {
            _enough.Cancel();
            _visitor.Dispose();
            _enough.Dispose();
        }
    }
}
