using System.Net;
using Paas.Activity;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Client;
using Paas.Deploys;
using Paas.Engine;
using Paas.Testing;

namespace Paas.Patching;

/// <summary>Updates of the base images over HTTP, on an engine in memory and a real edge.</summary>
public sealed class StackUpdatesTests : IAsyncLifetime
{
    private StackLab _lab = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private App App => _lab.Live.Get<AppStore>().All().Single(app => app.Name == "hello");

    public async ValueTask InitializeAsync() => _lab = await StackLab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task An_update_makes_a_release_of_every_app_on_the_newest_run_image()
    {
        var old = await _lab.Images.AppAsync(await _lab.NewBaseAsync("1"));
        await _lab.DeployAsync(App, old, new ConfigVar("A", "1", false, false));
        var fresh = await _lab.NewBaseAsync("2");

        var update = await _lab.UpdateAsync();

        Assert.Equal(("done", "Rebased 1 app.", null), (update.State, update.Sentence, update.Step));
        Assert.Equal(("hello", "rebased", 2, 3), (update.Apps[0].App, update.Apps[0].Outcome, update.Apps[0].From, update.Apps[0].To));
        Assert.NotNull(update.RebaseSeconds);
        Assert.Contains("hello: rebased v2 -> v3", update.Lines);
        var release = _lab.Serving(App);
        var image = await _lab.Images.Images.ReadAsync(release.Image, Cancelled);
        Assert.Equal(fresh.Digest, Rebase.RunImageOf(image));
        Assert.Equal(old.Manifest.Layers.TakeLast(2), image.Manifest.Layers.TakeLast(2));
        Assert.Equal(("New base image: nginx 1 -> 2", "1"), (release.Description, release.Config.Single().Value));
        Assert.Equal("0123456789012345678901234567890123456789", release.Commit);
        Assert.Equal("stack", DeploysEndpoints.View(_lab.Live.Get<DeployStore>().Find(App.Id, 3)!).Cause);
        Assert.Contains(_lab.Live.Get<ActivityLog>().OfTeam(App.TeamId, null, null, 10), entry => entry is { Action: "stack.updated", Text: "Base images: Rebased 1 app." });
        using var pulled = await _lab.Live.Paas.Api.GetAsync("/v2/hello/manifests/v3", Cancelled);
        Assert.NotEqual(HttpStatusCode.NotFound, pulled.StatusCode);
    }

    [Fact]
    public async Task What_is_done_is_not_done_twice_and_a_rollback_goes_back_to_the_old_image()
    {
        var old = await _lab.Images.AppAsync(await _lab.NewBaseAsync("1"));
        await _lab.DeployAsync(App, old);
        await _lab.NewBaseAsync("2");
        await _lab.UpdateAsync();

        var again = await _lab.UpdateAsync();

        Assert.Equal("Nothing to do: no package is newer, and no app stands on an older run image.", again.Sentence);
        Assert.Equal(("current", 3, null), (again.Apps[0].Outcome, again.Apps[0].From, again.Apps[0].To));
        await _lab.Live.SendAsync(HttpMethod.Post, "/rollback", new RollBack(2)).ReadAsync<ChangeView>(HttpStatusCode.OK);
        Assert.Equal(old.Digest, _lab.Serving(App).Image);
        Assert.Equal("rebased", (await _lab.UpdateAsync()).Apps[0].Outcome);
    }

    [Fact]
    public async Task An_app_that_does_not_come_up_on_it_keeps_its_release_and_the_others_go_on()
    {
        var old = await _lab.Images.AppAsync(await _lab.NewBaseAsync("1"));
        var bad = await _lab.CreateAsync("bad");
        await _lab.DeployAsync(App, old);
        await _lab.DeployAsync(bad, old);
        await _lab.NewBaseAsync("2");
        _lab.Live.Paas.Engine.Fails = spec => spec.Key.App == bad.EngineName && spec.Key.Release == 2 ? new ExitInfo(1, DateTimeOffset.UnixEpoch, null) : null;

        var update = await _lab.UpdateAsync();

        Assert.Equal(("failed", "Rebased 1 app; 1 app failed and keeps its old release."), (update.State, update.Sentence));
        Assert.Equal(["bad failed", "hello rebased"], update.Apps.Select(app => $"{app.App} {app.Outcome}"));
        Assert.Contains("v1 goes on serving", update.Apps[0].Sentence, StringComparison.Ordinal);
        Assert.Equal(1, _lab.Serving(bad).Number);
    }

    [Fact]
    public async Task What_cannot_be_rebased_says_why()
    {
        // hello itself: its image was never there.
        var old = await _lab.Images.AppAsync(await _lab.NewBaseAsync("1"), labels: ("io.buildpacks.rebasable", "false"));
        await _lab.DeployAsync(await _lab.CreateAsync("fixed"), old);
        await _lab.CreateAsync("nothing");
        await _lab.NewBaseAsync("2");

        var update = await _lab.UpdateAsync();

        Assert.Equal(
            [
                "fixed refused The image is marked as not rebasable (label io.buildpacks.rebasable=false): build it again to get the new run image.",
                "hello refused The image of v1 is not whole: push again to build a new one.",
                "nothing skipped Nothing has been deployed yet.",
            ],
            update.Apps.Select(app => $"{app.App} {app.Outcome} {app.Sentence}"));
        Assert.Equal("2 apps cannot be rebased.", update.Sentence);
    }

    [Fact]
    public async Task An_app_that_deploys_just_now_waits_for_its_turn()
    {
        await _lab.DeployAsync(App, await _lab.Images.AppAsync(await _lab.NewBaseAsync("1")));
        await _lab.NewBaseAsync("2");
        var turn = await _lab.Live.Get<DeployQueue>().TakeAsync(App.Id, null, Cancelled);
        var begun = _lab.Live.Get<StackUpdates>().Start("admin", offline: true);
        await LiveApp.UntilAsync(() => _lab.Live.Get<StackUpdates>().Running?.Lines.Contains("hello: another deploy is under way, waiting for its end ...") == true);

        var refused = await _lab.Live.Paas.Api.PostAsJsonAsync("/api/v1/stack/updates", new StartStackUpdate(true), Cancelled).ProblemAsync(HttpStatusCode.Conflict);
        await turn.DisposeAsync();

        Assert.Equal(("stack_update_running", "An update of the base images is under way already, begun by admin. Follow it with: paas stack status --follow"), (refused.Code, refused.Detail));
        Assert.Equal("rebased", (await _lab.EndAsync(begun.Id)).Apps[0].Outcome);
    }

    [Fact]
    public async Task One_that_the_platform_stopped_in_is_told_as_interrupted()
    {
        var store = _lab.Live.Get<StackUpdateStore>();
        var begun = store.Begin("admin", null);
        store.Save(begun with
        {
            Apps =
            [
                new AppUpdate(1, "one", AppOutcome.Rebased, 1, 2, "v2 is live"),
                new AppUpdate(2, "two", AppOutcome.Rolling, 1, null, null),
                new AppUpdate(3, "three", AppOutcome.Waiting, 1, null, null),
            ],
        });

        await _lab.Live.Get<StackUpdates>().StartAsync(Cancelled);

        var update = await _lab.EndAsync(begun.Id);
        Assert.Equal(("interrupted", "The platform stopped during the update: 1 app of 3 apps were done. Start it again: what is done is not done twice."), (update.State, update.Sentence));
        Assert.Equal(["one rebased", "three interrupted", "two interrupted"], update.Apps.Select(app => $"{app.App} {app.Outcome}"));
    }

    [Fact]
    public async Task The_plan_says_what_would_happen_and_does_nothing()
    {
        await _lab.DeployAsync(App, await _lab.Images.AppAsync(await _lab.NewBaseAsync("1")));
        await _lab.NewBaseAsync("2");

        var plan = await _lab.Live.Paas.Api.GetAsync("/api/v1/stack/plan?offline=true", Cancelled).ReadAsync<StackPlanView>(HttpStatusCode.OK);

        Assert.Equal((false, "No package is newer; 1 app would move to the newest run image."), (plan.NewImages, plan.Sentence));
        Assert.Equal(("rebase", 2), (plan.Apps[0].Action, plan.Apps[0].Release));
        Assert.Equal(2, _lab.Serving(App).Number);
    }

    [Fact]
    public async Task The_room_shows_which_apps_stand_on_older_ones()
    {
        var old = await _lab.NewBaseAsync("1");
        await _lab.DeployAsync(App, await _lab.Images.AppAsync(old));
        var fresh = await _lab.NewBaseAsync("2");
        await _lab.CreateAsync("nothing");

        var stack = await _lab.Live.Paas.Api.GetAsync("/api/v1/stack", Cancelled).ReadAsync<StackView>(HttpStatusCode.OK);

        Assert.Equal((fresh.Digest.ToString(), "Debian 13 (trixie)"), (stack.RunImage, stack.Description));
        Assert.Equal(["bash 5", "nginx 2"], stack.Packages.Select(package => $"{package.Name} {package.Version}"));
        Assert.Equal([$"hello older {old.Digest}", "nothing other "], stack.Apps.Select(app => $"{app.App} {app.State} {app.RunImage}"));
    }

    [Theory]
    [InlineData("GET", "stack")]
    [InlineData("GET", "stack/plan?offline=true")]
    [InlineData("GET", "stack/updates")]
    [InlineData("GET", "stack/updates/1")]
    [InlineData("GET", "stack/schedule")]
    [InlineData("POST", "stack/updates")]
    [InlineData("PUT", "stack/schedule")]
    public async Task It_is_the_administrators(string method, string path)
    {
        object body = method == "PUT" ? new StackScheduleView(true, "sunday", 4, null, null) : new StartStackUpdate(true);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{path}") { Content = method == "GET" ? null : JsonContent.Create(body, body.GetType()) };

        var problem = await _lab.Live.Paas.OtherTeam("other").SendAsync(request, Cancelled).ProblemAsync(HttpStatusCode.Forbidden);

        Assert.Equal("The base images are one for all teams: ask an administrator of the platform to update them.", problem.Detail);
    }

    [Theory]
    [InlineData("someday", 4, "'someday' is not a day of the week: write it like sunday.")]
    [InlineData("3", 4, "'3' is not a day of the week: write it like sunday.")]
    [InlineData("sunday", 24, "The hour is from 0 to 23, of the server's clock.")]
    public async Task A_schedule_that_cannot_be_meant_is_refused(string day, int hour, string sentence)
    {
        var problem = await _lab.Live.Paas.Api.PutAsJsonAsync("/api/v1/stack/schedule", new StackScheduleView(true, day, hour, null, null), Cancelled).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(sentence, problem.Detail);
    }

    [Fact]
    public async Task The_schedule_is_off_until_somebody_wants_it()
    {
        var api = _lab.Live.Paas.Api;
        Assert.Equal((false, "sunday", 4, null), await api.GetAsync("/api/v1/stack/schedule", Cancelled).ReadAsync<StackScheduleView>(HttpStatusCode.OK) is var off ? (off.Enabled, off.Day, off.Hour, off.NextAt) : default);

        var on = await api.PutAsJsonAsync("/api/v1/stack/schedule", new StackScheduleView(true, "Tuesday", 3, null, null), Cancelled).ReadAsync<StackScheduleView>(HttpStatusCode.OK);

        Assert.Equal((true, "tuesday", 3), (on.Enabled, on.Day, on.Hour));
        Assert.NotNull(on.NextAt);
    }
}
