using System.Net;
using System.Net.Sockets;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Instances;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Changes without a push, over HTTP, on an engine in memory and a real edge.</summary>
public sealed class ChangesTests : IAsyncLifetime
{
    private readonly TcpListener _instance = new(IPAddress.Loopback, 0);
    private TestPaas _paas = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private App App => _paas.Services.GetRequiredService<AppStore>().All().Single();

    private RolloutStore Rollouts => _paas.Services.GetRequiredService<RolloutStore>();

    /// <summary>An app whose first release serves.</summary>
    public async ValueTask InitializeAsync()
    {
        _instance.Start();
        _paas = await TestPaas.StartAsync();
        _paas.Engine.EndpointOf = (_, spec) => spec.Port is null ? null : (IPEndPoint)_instance.LocalEndpoint;
        await _paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Cancelled).ReadAsync<AppView>(HttpStatusCode.Created);
        var draft = new ReleaseDraft(Digest.Of("image"u8), [], new Dictionary<string, string> { ["web"] = "serve", ["worker"] = "work" }, "First", null, "admin");
        var result = await _paas.Services.GetRequiredService<Deploy>().ReleaseAsync(App, DeployCause.Image, draft, static _ => { }, Cancelled);
        Assert.IsType<DeployResult.Live>(result);
    }

    public async ValueTask DisposeAsync()
    {
        await _paas.DisposeAsync();
        _instance.Dispose();
    }

    [Fact]
    public async Task A_config_change_makes_one_release_that_carries_it()
    {
        var change = await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2" }));
        Assert.Equal(2, change.Release);
        Assert.Equal(2, Rollouts.CurrentOf(App.Id)!.Release);
        await UntilAsync(() => _paas.Engine.Specs.Where(spec => spec.Key.Type == "web").All(spec => spec.Env.GetValueOrDefault("A") == "1"));
    }

    [Fact]
    public async Task The_same_value_again_makes_no_release()
    {
        var update = new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" });
        await SendAsync<ChangeView>(HttpMethod.Patch, "/config", update);
        Assert.Null((await SendAsync<ChangeView>(HttpMethod.Patch, "/config", update)).Release);
    }

    [Fact]
    public async Task A_config_change_that_does_not_come_up_changes_nothing()
    {
        _paas.Engine.Fails = spec => spec.Env.ContainsKey("BAD") ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;
        var problem = await _paas.Api.SendAsync(Request(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["BAD"] = "1" })), Cancelled).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("config_not_live", problem.Code);
        Assert.Contains("exit 1", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("v1 goes on serving", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(_paas.Services.GetRequiredService<AppStore>().ConfigVars(App.Id));
        Assert.Equal(1, Rollouts.CurrentOf(App.Id)!.Release);
        Assert.DoesNotContain(_paas.Engine.Specs, spec => spec.Key.Release == 2);
    }

    [Fact]
    public async Task A_rollback_takes_image_and_config_of_the_release_and_leaves_the_formation()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" }));
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 2, null) });
        var change = await SendAsync<ChangeView>(HttpMethod.Post, "/rollback", new RollBack(null));
        Assert.Equal(3, change.Release);
        Assert.Empty(_paas.Services.GetRequiredService<AppStore>().ConfigVars(App.Id));
        Assert.Equal(2, _paas.Engine.Specs.Single(spec => spec.Key is { Release: 3, Type: "web" }).Count);
    }

    [Fact]
    public async Task A_release_that_never_served_cannot_be_rolled_back_to()
    {
        _paas.Engine.Fails = spec => spec.Key.Release == 2 ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;
        await _paas.Api.SendAsync(Request(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" })), Cancelled).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        var problem = await _paas.Api.SendAsync(Request(HttpMethod.Post, "/rollback", new RollBack(2)), Cancelled).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains("never served", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fewer_instances_leave_the_routes_and_more_are_healthy_before_it_answers()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 3, null) });
        Assert.Equal(3, Serving());
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 1, null) });
        Assert.Equal(1, Serving());
        Assert.Equal(1, _paas.Engine.Specs.Single(spec => spec.Key.Type == "web").Count);
    }

    [Fact]
    public async Task Another_size_rolls_new_instances_of_the_same_release()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", null, 1024) });
        Assert.Equal(new RolloutRow(App.Id, 1, 1, RolloutState.Current), Rollouts.CurrentOf(App.Id));
        Assert.Equal(1024L * 1024 * 1024, _paas.Engine.Specs.Single(spec => spec.Key is { Revision: 1, Type: "web" }).Limits.MemoryBytes);
        await UntilAsync(() => _paas.Engine.Specs.All(spec => spec.Key.Revision == 1));
    }

    [Theory]
    [InlineData("nope", 1, HttpStatusCode.NotFound, "process_type_unknown")]
    [InlineData("web", 101, HttpStatusCode.BadRequest, "formation_invalid")]
    public async Task A_wish_that_cannot_be_is_refused(string type, int count, HttpStatusCode status, string code)
    {
        var problem = await _paas.Api.SendAsync(Request(HttpMethod.Patch, "/formation", new[] { new ScaleProcess(type, count, null) }), Cancelled).ProblemAsync(status);
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public async Task The_state_of_an_app_follows_its_instances()
    {
        var app = await _paas.Api.GetAsync("/api/v1/apps/hello", Cancelled).ReadAsync<AppView>();
        Assert.Equal(("live", "Live: v1, 1 of 1 web"), (app.State, app.Sentence));
        _paas.Engine.Fails = _ => new ExitInfo(137, DateTimeOffset.UnixEpoch, "out of memory at 512 MB");
        _paas.Engine.End(new InstanceId(new ProcessKey(App.EngineName, 1, 0, "web"), 1), new ExitInfo(137, DateTimeOffset.UnixEpoch, "out of memory at 512 MB"));
        await UntilAsync(() => Describe().State == "down");
        Assert.Contains("out of memory at 512 MB", Describe().Sentence, StringComparison.Ordinal);
    }

    private AppView Describe() => _paas.Services.GetRequiredService<DescribeApp>()(App);

    private int Serving() => AppRoutes.Serving(
        _paas.Services.GetRequiredService<Routes>().Snapshot().Single(), _paas.Services.GetRequiredService<InstanceBoard>()).Count;

    private Task<T> SendAsync<T>(HttpMethod method, string path, object body) => _paas.Api.SendAsync(Request(method, path, body), Cancelled).ReadAsync<T>();

    private static HttpRequestMessage Request(HttpMethod method, string path, object body) =>
        new(method, $"/api/v1/apps/hello{path}") { Content = JsonContent.Create(body, body.GetType()) };

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; tries < 300 && !condition(); tries++)
        {
            await Task.Delay(50, Cancelled);
        }

        Assert.True(condition());
    }
}
