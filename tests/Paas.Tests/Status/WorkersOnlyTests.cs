using System.Net;
using Paas.Apps;
using Paas.Client;
using Paas.Deploys;
using Paas.Engine;
using Paas.Instances;
using Paas.Testing;

namespace Paas.Status;

/// <summary>An app whose Procfile has no web process: what its deploys and its state say.</summary>
public sealed class WorkersOnlyTests : IAsyncLifetime
{
    private const string AtZero = "Released v2: no web process; worker is at 0: paas ps scale worker=1";

    private LiveApp _live = null!;
    private DeployResult _result = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _live = await LiveApp.StartAsync();
        var draft = LiveApp.Draft() with { Processes = new Dictionary<string, string> { ["worker"] = "work" } };
        _result = await _live.Get<Deploy>().ReleaseAsync(_live.App, DeployCause.Image, draft, static _ => { }, Cancelled);
    }

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    [Fact]
    public void The_verdict_says_what_to_scale_instead_of_a_url()
    {
        Assert.IsType<DeployResult.Live>(_result);
        Assert.Equal(AtZero, _result.Sentence);
    }

    [Fact]
    public void The_state_is_not_down_when_nothing_was_asked_to_run() => Assert.Equal(("live", AtZero), State());

    [Fact]
    public async Task A_scaled_worker_is_live_and_the_next_verdict_counts_it()
    {
        await ScaleAsync();
        Assert.Equal(("live", "Live: v2, 1 of 1 worker"), State());
        var change = await _live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" })).ReadAsync<ChangeView>();
        Assert.Equal("Set A: Released v3: no web process; worker is at 1", change.Sentence);
    }

    [Fact]
    public async Task A_worker_that_ends_again_and_again_is_down_with_its_cause()
    {
        await ScaleAsync();
        _live.Paas.Engine.Fails = _ => new ExitInfo(3, DateTimeOffset.UnixEpoch, null);
        _live.Paas.Engine.End(new InstanceId(new ProcessKey(_live.App.EngineName, 2, 0, "worker"), 1), new ExitInfo(3, DateTimeOffset.UnixEpoch, null));
        var sentence = "";
        await LiveApp.UntilAsync(() =>
        {
            (var state, sentence) = State();
            return state == "down";
        });
        Assert.Equal("Down since 00:00 UTC: exit 3", sentence);
    }

    [Fact]
    public void Visitors_read_that_nothing_answers_here() =>
        Assert.Equal("hello has no web process: nothing answers here.", AppRoutes.Build(_live.Get<Routes>().Snapshot(), _live.Get<InstanceBoard>())["hello.localhost"].Sentence);

    private Task<ChangeView> ScaleAsync() => _live.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) }).ReadAsync<ChangeView>(HttpStatusCode.OK);

    private (string State, string Sentence) State()
    {
        var view = _live.Get<DescribeApp>()(_live.App);
        return (view.State, view.Sentence);
    }
}
