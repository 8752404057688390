using System.Net;
using Dapper;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Instances;
using Paas.Releases;
using Paas.State;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Changes without a push, over HTTP, on an engine in memory and a real edge.</summary>
public sealed class ChangesTests : IAsyncLifetime
{
    private LiveApp _live = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TestPaas Paas => _live.Paas;

    private App App => _live.App;

    private RolloutStore Rollouts => _live.Get<RolloutStore>();

    public async ValueTask InitializeAsync() => _live = await LiveApp.StartAsync();

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    [Fact]
    public async Task A_config_change_makes_one_release_that_carries_it()
    {
        var change = await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2" }));
        Assert.Equal(2, change.Release);
        Assert.Equal(2, Rollouts.CurrentOf(App.Id)!.Release);
        await LiveApp.UntilAsync(() => Paas.Engine.Specs.Where(spec => spec.Key.Type == "web").All(spec => spec.Env.GetValueOrDefault("A") == "1"));
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
        Paas.Engine.Fails = spec => spec.Env.ContainsKey("BAD") ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;
        var problem = await _live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["BAD"] = "1" })).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("config_not_live", problem.Code);
        Assert.Contains("exit 1", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("v1 goes on serving", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Paas.Services.GetRequiredService<AppStore>().ConfigVars(App.Id));
        Assert.Equal(1, Rollouts.CurrentOf(App.Id)!.Release);
        Assert.DoesNotContain(Paas.Engine.Specs, spec => spec.Key.Release == 2);
    }

    [Fact]
    public async Task A_release_whose_image_retention_removed_cannot_be_rolled_back_to()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" }));
        await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "2" }));
        using (var connection = _live.Get<Database>().Open())
        {
            await connection.ExecuteAsync("UPDATE releases SET archived_at = '2026-11-20T10:00:00Z' WHERE number < 3");
        }

        var problem = await _live.SendAsync(HttpMethod.Post, "/rollback", new RollBack(1)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal("release_archived", problem.Code);
        Assert.Equal("The image of v1 was removed on 2026-11-20, because only the newest releases keep theirs. Deploy its image again.", problem.Detail);
        problem = await _live.SendAsync(HttpMethod.Post, "/rollback", new RollBack(null)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal("rollback_impossible", problem.Code);
        var release = _live.Get<ReleaseStore>().Find(App.Id, 1)!;
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero), release.ArchivedAt);
    }

    [Fact]
    public async Task A_rollback_takes_image_and_config_of_the_release_and_leaves_the_formation()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" }));
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 2, null) });
        var change = await SendAsync<ChangeView>(HttpMethod.Post, "/rollback", new RollBack(null));
        Assert.Equal(3, change.Release);
        Assert.Empty(Paas.Services.GetRequiredService<AppStore>().ConfigVars(App.Id));
        Assert.Equal(2, Paas.Engine.Specs.Single(spec => spec.Key is { Release: 3, Type: "web" }).Count);
    }

    [Fact]
    public async Task A_release_that_never_served_cannot_be_rolled_back_to()
    {
        Paas.Engine.Fails = spec => spec.Key.Release == 2 ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;
        await _live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" })).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        var problem = await _live.SendAsync(HttpMethod.Post, "/rollback", new RollBack(2)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains("never served", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fewer_instances_leave_the_routes_and_more_are_healthy_before_it_answers()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 3, null) });
        Assert.Equal(3, _live.Serving());
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 1, null) });
        Assert.Equal(1, _live.Serving());
        Assert.Equal(1, Paas.Engine.Specs.Single(spec => spec.Key.Type == "web").Count);
    }

    [Fact]
    public async Task Another_size_rolls_new_instances_of_the_same_release()
    {
        await SendAsync<ChangeView>(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", null, 1024) });
        Assert.Equal(new RolloutRow(App.Id, 1, 1, RolloutState.Current), Rollouts.CurrentOf(App.Id));
        Assert.Equal(1024L * 1024 * 1024, Paas.Engine.Specs.Single(spec => spec.Key is { Revision: 1, Type: "web" }).Limits.MemoryBytes);
        await LiveApp.UntilAsync(() => Paas.Engine.Specs.All(spec => spec.Key.Revision == 1));
    }

    [Theory]
    [InlineData("nope", 1, HttpStatusCode.NotFound, "process_type_unknown")]
    [InlineData("web", 101, HttpStatusCode.BadRequest, "formation_invalid")]
    public async Task A_wish_that_cannot_be_is_refused(string type, int count, HttpStatusCode status, string code)
    {
        var problem = await _live.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess(type, count, null) }).ProblemAsync(status);
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public async Task The_state_of_an_app_follows_its_instances()
    {
        var app = await Paas.Api.GetAsync("/api/v1/apps/hello", Cancelled).ReadAsync<AppView>();
        Assert.Equal(("live", "Live: v1, 1 of 1 web"), (app.State, app.Sentence));
        Paas.Engine.Fails = _ => new ExitInfo(137, DateTimeOffset.UnixEpoch, "out of memory at 512 MB");
        Paas.Engine.End(new InstanceId(new ProcessKey(App.EngineName, 1, 0, "web"), 1), new ExitInfo(137, DateTimeOffset.UnixEpoch, "out of memory at 512 MB"));
        // That nothing answers is seen a moment before why it ended.
        await LiveApp.UntilAsync(() => Describe() is { State: "down" } down && down.Sentence.Contains("out of memory at 512 MB", StringComparison.Ordinal));
    }

    private AppView Describe() => Paas.Services.GetRequiredService<DescribeApp>()(App);

    private Task<T> SendAsync<T>(HttpMethod method, string path, object body) => _live.SendAsync(method, path, body).ReadAsync<T>();
}
