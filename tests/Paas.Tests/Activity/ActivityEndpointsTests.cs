using System.Net;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Activity;

public sealed class ActivityEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stream_tells_the_state_first_then_every_change_and_goes_on_by_id()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas.Api, "hello");
        await CreateAsync(paas.OtherTeam("strangers"), "theirs");
        string? last;
        await using (var reader = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events"))
        {
            var state = await reader.NextAsync();
            Assert.Equal(("app", "hello", "empty"), (state?.EventType, state?.Data.App, state?.Data.AppState?.State));
            var ready = await reader.NextAsync();
            Assert.Equal("ready", ready?.Data.Kind);
            Assert.Matches("^[0-9a-f]+-[0-9]+$", ready!.Value.EventId);

            await CreateAsync(paas.Api, "second");
            var change = await reader.NextAsync();
            Assert.Equal(("app", "second"), (change?.Data.Kind, change?.Data.App));
            last = change!.Value.EventId;
        }

        using (await paas.Api.DeleteAsync("/api/v1/apps/second", Token))
        {
        }

        await using var back = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events", last);
        var missed = await back.NextAsync();
        Assert.Equal(("app.gone", "second"), (missed?.Data.Kind, missed?.Data.App));
    }

    [Fact]
    public async Task Control_stops_without_waiting_for_its_readers()
    {
        await using var paas = await TestPaas.StartAsync();
        await using var reader = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events");
        Assert.Equal("ready", (await reader.NextAsync())?.Data.Kind);

        var stopping = paas.App.StopAsync(Token);

        Assert.Null(await reader.NextAsync());
        await stopping;
    }

    [Fact]
    public async Task What_was_done_to_an_app_can_be_looked_up_newest_first()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas.Api, "hello");
        await paas.Api.PatchAsJsonAsync("/api/v1/apps/hello", new UpdateApp { Name = "hi" }, Token).ReadAsync<AppView>();
        await paas.Api.PostAsJsonAsync("/api/v1/apps/hi/domains", new AddDomain("www.example.com"), Token).ReadAsync<DomainView>();

        var activity = await paas.Api.GetAsync("/api/v1/apps/hi/activity", Token).ReadAsync<ActivityView[]>();

        Assert.Equal(
            [("admin", "domain.added", "Added the domain www.example.com."), ("admin", "app.renamed", "Renamed hello to hi."), ("admin", "app.created", "Created hello.")],
            activity.Select(item => (item.Actor, item.Action, item.Text)));
        Assert.Single(await paas.Api.GetAsync("/api/v1/apps/hi/activity?num=1", Token).ReadAsync<ActivityView[]>());
    }

    [Fact]
    public async Task The_teams_activity_goes_back_in_parts_and_outlives_apps()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas.Api, "hello");
        await CreateAsync(paas.Api, "gone");
        await CreateAsync(paas.OtherTeam("strangers"), "theirs");
        using (await paas.Api.DeleteAsync("/api/v1/apps/gone", Token))
        {
        }

        var newest = await paas.Api.GetAsync("/api/v1/activity?num=2", Token).ReadAsync<ActivityView[]>();
        Assert.Equal([("app.destroyed", "gone", true), ("app.created", "gone", true)], newest.Select(item => (item.Action, item.App, item.AppGone)));
        var older = await paas.Api.GetAsync($"/api/v1/activity?num=2&before={newest[^1].Id}", Token).ReadAsync<ActivityView[]>();
        Assert.Equal(("app.created", "hello", false), older.Select(item => (item.Action, item.App, item.AppGone)).First());

        foreach (var table in new[] { "destroyed_apps", "apps" })
        {
            using var connection = paas.Services.GetRequiredService<Database>().Open();
            using var delete = connection.CreateCommand();
            delete.CommandText = table == "apps" ? "DELETE FROM apps WHERE destroyed_at IS NOT NULL" : "DELETE FROM destroyed_apps";
            await delete.ExecuteNonQueryAsync(Token);
        }

        var ofGone = await paas.Api.GetAsync("/api/v1/activity?app=gone", Token).ReadAsync<ActivityView[]>();
        Assert.Equal([("app.destroyed", true), ("app.created", true)], ofGone.Select(item => (item.Action, item.AppGone)));
    }

    [Fact]
    public async Task Of_an_app_that_was_renamed_everything_is_under_its_new_name()
    {
        await using var paas = await TestPaas.StartAsync();
        await CreateAsync(paas.Api, "hello");
        await using var reader = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events");
        await reader.NextAsync();
        await reader.NextAsync();
        await paas.Api.PatchAsJsonAsync("/api/v1/apps/hello", new UpdateApp { Name = "hi" }, Token).ReadAsync<AppView>();
        var gone = await reader.NextAsync();
        Assert.Equal(("app.gone", "hello", "hi"), (gone?.Data.Kind, gone?.Data.App, gone?.Data.NewName));
        var activity = await paas.Api.GetAsync("/api/v1/activity?app=hi", Token).ReadAsync<ActivityView[]>();
        Assert.Equal(["app.renamed", "app.created"], activity.Select(item => item.Action));
        Assert.Empty(await paas.Api.GetAsync("/api/v1/activity?app=hello", Token).ReadAsync<ActivityView[]>());
    }

    private static Task<AppView> CreateAsync(HttpClient client, string name) =>
        client.PostAsJsonAsync("/api/v1/apps", new CreateApp(name), Token).ReadAsync<AppView>(HttpStatusCode.Created);
}
