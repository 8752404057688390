using System.Net;
using Paas.Apps;
using Paas.Client;
using Paas.Instances;
using Paas.Testing;

namespace Paas.Deploys;

public sealed class DeployRunsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_cancels_before_the_switch_is_not_overtaken_by_it()
    {
        await using var live = await LiveApp.StartAsync();
        using var run = Begin(live);
        Assert.True(await run.TryCancelAsync());
        Assert.Throws<OperationCanceledException>(run.PassPointOfNoReturn);
    }

    [Fact]
    public async Task It_is_too_late_to_cancel_once_the_routes_are_being_switched_or_it_has_ended()
    {
        await using var live = await LiveApp.StartAsync();
        var run = Begin(live);
        run.PassPointOfNoReturn();
        Assert.False(await run.TryCancelAsync());
        run.Dispose();
        Assert.False(await run.TryCancelAsync());

        var failed = Begin(live);
        failed.End(new DeployResult.Unhealthy("It did not come up."));
        Assert.False(await failed.TryCancelAsync());
        failed.Dispose();
    }

    [Fact]
    public async Task A_phase_that_prints_without_end_is_cut_and_what_follows_is_kept()
    {
        await using var live = await LiveApp.StartAsync();
        var run = Begin(live);
        run.Log.Phase("build");
        for (var line = 0; line < 3_000; line++)
        {
            run.Log.Line(new string('y', 8_000));
        }

        run.Log.Phase("start");
        run.Log.Line("web.1 is healthy");
        run.End(new DeployResult.Live(2, "v2 is live."));
        run.Dispose();
        var lines = new List<string>();
        await foreach (var line in live.Get<DeployRuns>().LinesAsync(live.App.Id, run.Number, 0, follow: true, Cancelled))
        {
            lines.Add(line.Text);
        }

        Assert.InRange(lines.Sum(text => (long)text.Length), 8 << 20, 17 << 20);
        Assert.Contains(lines, text => text.StartsWith("(So much was printed", StringComparison.Ordinal));
        Assert.Contains("web.1 is healthy", lines);
        Assert.Equal("v2 is live.", lines[^1]);
    }

    [Fact]
    public async Task The_log_of_a_running_deploy_ends_with_what_is_there_unless_it_is_followed()
    {
        await using var live = await LiveApp.StartAsync();
        using var run = Begin(live);
        run.Log.Phase("build");
        run.Log.Line("so far");
        var lines = new List<string>();
        await foreach (var line in live.Get<DeployRuns>().LinesAsync(live.App.Id, run.Number, 0, follow: false, Cancelled))
        {
            lines.Add(line.Text);
        }

        Assert.Equal(["-----> Building", "so far"], lines);
        using var answer = await live.Paas.Api.GetAsync($"/api/v1/apps/hello/deploys/{run.Number}/log?follow=false", Cancelled);
        Assert.Contains("so far", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_waited_while_its_app_was_destroyed_starts_nothing()
    {
        await using var live = await LiveApp.StartAsync();
        var app = live.App;
        var turn = await live.Get<DeployQueue>().TakeAsync(app.Id, null, Cancelled);
        var change = live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1" }));
        await Task.Delay(200, Cancelled);
        var destroyed = live.Paas.Api.DeleteAsync("/api/v1/apps/hello", Cancelled);
        await LiveApp.UntilAsync(() => live.Get<AppStore>().Find(app.Id) is null);
        await turn.DisposeAsync();
        var problem = await change.ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal("app_not_found", problem.Code);
        Assert.Equal(HttpStatusCode.NoContent, (await destroyed).StatusCode);
        Assert.Empty(live.Paas.Engine.Specs);
        Assert.Empty(live.Get<RolloutStore>().All());
        Assert.True(File.Exists(Path.Combine(live.Paas.Home.Trash, $"{app.Id}", "deploys", "1.jsonl")));
    }

    private static DeployRun Begin(LiveApp live)
    {
        var record = live.Get<DeployStore>().Begin(live.App.Id, DeployCause.Push, "admin", null, null, "main");
        return live.Get<DeployRuns>().Begin(live.App, record, [], static _ => { }, Cancelled);
    }
}
