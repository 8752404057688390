using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Apps;

/// <summary>Two who change config vars at the same time, over HTTP.</summary>
public sealed class ConfigVersionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_of_two_who_edit_the_same_var_is_told_and_overwrites_nothing()
    {
        await using var paas = await StartAsync();
        await SetAsync(paas, "LEVEL", "info");
        var seen = (await ListAsync(paas)).Single().Version;
        Assert.NotEmpty(seen);

        using (var first = await PatchAsync(paas, "LEVEL", "debug", seen))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        var problem = await PatchAsync(paas, "LEVEL", "warn", seen).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal("config_changed", problem.Code);
        var now = await paas.Api.PostAsJsonAsync("/api/v1/apps/hello/config/reveal", new RevealConfig(["LEVEL"]), Token).ReadAsync<ConfigVarView[]>();
        Assert.Equal("debug", now.Single().Value);
        Assert.NotEqual(seen, now.Single().Version);
    }

    [Fact]
    public async Task A_change_before_the_first_release_is_told_to_open_pages_too()
    {
        await using var paas = await StartAsync();
        await using var events = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events");
        while ((await events.NextAsync())!.Value.Data.Kind != "ready")
        {
        }

        await SetAsync(paas, "LEVEL", "info");
        var told = (await events.NextAsync())!.Value.Data;
        Assert.Equal(("app", "hello"), (told.Kind, told.App));
    }

    [Fact]
    public async Task Who_edits_another_var_or_asks_no_questions_is_not_held_up()
    {
        await using var paas = await StartAsync();
        await SetAsync(paas, "A", "1");
        var seen = (await ListAsync(paas)).Single().Version;
        await SetAsync(paas, "B", "2");
        using var edited = await PatchAsync(paas, "A", "3", seen);
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        await SetAsync(paas, "A", "4");
    }

    [Fact]
    public async Task The_same_value_again_has_the_same_version_and_the_list_has_no_values()
    {
        await using var paas = await StartAsync();
        await SetAsync(paas, "A", "secret");
        var first = (await ListAsync(paas)).Single();
        await SetAsync(paas, "A", "other");
        await SetAsync(paas, "A", "secret");
        Assert.Equal(first, (await ListAsync(paas)).Single());
        Assert.Null(first.Value);
    }

    [Fact]
    public async Task A_review_changes_nothing_and_says_what_breaks_a_rule()
    {
        await using var paas = await StartAsync();
        var review = await paas.Api.PostAsJsonAsync("/api/v1/apps/hello/config/review", Update("A", "1"), Token).ReadAsync<ConfigReview>();
        Assert.Equal([new ConfigChangeView("A", "added", 1)], review.Changes);
        Assert.Empty(await ListAsync(paas));
        var problem = await paas.Api.PostAsJsonAsync("/api/v1/apps/hello/config/review", Update("PATH", "1"), Token).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("config_name_reserved", problem.Code);
        Assert.Equal("app_not_found", (await paas.OtherTeam("others").PostAsJsonAsync("/api/v1/apps/hello/config/review", Update("A", "1"), Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    private static UpdateConfig Update(string name, string value) => new(new Dictionary<string, string?> { [name] = value });

    private static async Task<TestPaas> StartAsync()
    {
        var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        return paas;
    }

    private static Task<ConfigVarView[]> ListAsync(TestPaas paas) => paas.Api.GetAsync("/api/v1/apps/hello/config", Token).ReadAsync<ConfigVarView[]>();

    private static async Task SetAsync(TestPaas paas, string name, string value)
    {
        using var answer = await paas.Api.PatchAsJsonAsync("/api/v1/apps/hello/config", Update(name, value), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> PatchAsync(TestPaas paas, string name, string value, string seen) =>
        paas.Api.PatchAsJsonAsync("/api/v1/apps/hello/config", Update(name, value) with { IfVersions = new Dictionary<string, string?> { [name] = seen } }, Token);
}
