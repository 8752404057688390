using System.Net;
using Dapper;
using Paas.Apps;
using Paas.Client;
using Paas.Oci;
using Paas.Releases;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

public sealed class RepositoriesEndpointsTests
{
    private const string Api = "/api/v1/registry";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Repositories_have_their_app_their_tags_and_what_they_share()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("hello", "1.0", "{}", "common", "own of hello");
        await pusher.ImageAsync("hello", "latest", "{}", "common", "own of hello");
        await pusher.ImageAsync("team/app/part", "1.0", "{}", "common");

        var repositories = await paas.Api.GetAsync($"{Api}/repositories", Cancelled).ReadAsync<RepositoryView[]>();

        Assert.Equal(
            [("hello", "hello", 2, 20L, 8L), ("team/app/part", null, 1, 8L, 8L)],
            repositories.Select(item => (item.Name, item.App, item.Tags, item.Size, item.SharedSize)));
        Assert.Equal("localhost:8080/team/app/part", repositories[1].Image);
        Assert.All(repositories, item => Assert.False(item.Public));
        Assert.All(repositories, item => Assert.NotNull(item.PushedAt));
        Assert.All(repositories, item => Assert.True(item.Retention.KeepsAll));
    }

    [Theory]
    [InlineData("team/app/part")]
    [InlineData("team%2Fapp%2Fpart")]
    public async Task A_name_with_slashes_is_found_as_it_is_and_escaped(string written)
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app/part", "1.0");
        Assert.Equal("team/app/part", (await paas.Api.GetAsync($"{Api}/repositories/{written}", Cancelled).ReadAsync<RepositoryView>()).Name);
        Assert.Equal("1.0", (await paas.Api.GetAsync($"{Api}/tags/{written}", Cancelled).ReadAsync<TagView[]>()).Single().Name);
    }

    [Fact]
    public async Task Tags_tell_which_release_runs_them_also_through_an_index()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        var image = await pusher.ImageAsync("hello", "one", "{}", "layer");
        await pusher.ManifestAsync("hello", "many", IndexOf(image), MediaTypes.Index);
        await pusher.ImageAsync("hello", "other", "{}", "another");
        Release(paas, 3, image);
        Release(paas, 4, image);

        var tags = await paas.Api.GetAsync($"{Api}/tags/hello", Cancelled).ReadAsync<TagView[]>();

        Assert.Equal(["other", "many", "one"], tags.Select(tag => tag.Name));
        Assert.Equal(["image", "index", "image"], tags.Select(tag => tag.Kind));
        Assert.Equal([9L, 7L, 7L], tags.Select(tag => tag.Size));
        Assert.Empty(tags[0].Releases);
        Assert.Equal([4, 3], tags[1].Releases);
        Assert.Equal([4, 3], tags[2].Releases);
        Assert.Equal(["other"], (await paas.Api.GetAsync($"{Api}/tags/hello?limit=1", Cancelled).ReadAsync<TagView[]>()).Select(tag => tag.Name));
    }

    [Fact]
    public async Task What_a_release_needs_is_not_removed()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        var image = await pusher.ImageAsync("hello", "made", "{}", "layer");
        await using (var connection = paas.Services.GetRequiredService<Database>().Open())
        {
            // Only the platform writes tags of releases.
            await connection.ExecuteAsync("UPDATE tags SET name = 'v3' WHERE name = 'made'");
        }

        await pusher.ImageAsync("hello", "mine", "{}", "layer");
        Release(paas, 3, image);

        Assert.Equal("v3 is the image of release v3 of hello, which can be rolled back to: it stays.", await RefusedAsync("manifests/hello?reference=v3"));
        Assert.Equal("Release v3 of hello runs this image: it stays. A tag alone can go: paas registry rm hello:TAG", await RefusedAsync($"manifests/hello?reference={image}"));
        Assert.Equal("The repository hello has images of the releases of hello: it goes with the app. Single images go with: paas registry rm hello:TAG", await RefusedAsync("repositories/hello"));
        using var tag = await paas.Api.DeleteAsync($"{Api}/manifests/hello?reference=mine", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, tag.StatusCode);
        Assert.Equal(["v3"], (await paas.Api.GetAsync($"{Api}/tags/hello", Cancelled).ReadAsync<TagView[]>()).Select(item => item.Name));

        async Task<string?> RefusedAsync(string path)
        {
            var problem = await paas.Api.DeleteAsync($"{Api}/{path}", Cancelled).ProblemAsync(HttpStatusCode.Conflict);
            Assert.Equal("image_in_use", problem.Code);
            return problem.Detail;
        }
    }

    [Fact]
    public async Task A_part_of_an_index_goes_after_the_index()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        var image = await pusher.ImageAsync("team/app", null);
        var index = await pusher.ManifestAsync("team/app", "many", IndexOf(image), MediaTypes.Index);
        Assert.Equal("image_part_of_index", (await paas.Api.DeleteAsync($"{Api}/manifests/team/app?reference={image}", Cancelled).ProblemAsync(HttpStatusCode.Conflict)).Code);
        foreach (var digest in (Digest[])[index, image])
        {
            using var gone = await paas.Api.DeleteAsync($"{Api}/manifests/team/app?reference={digest}", Cancelled);
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        }

        Assert.Equal("image_not_found", (await paas.Api.GetAsync($"{Api}/manifests/team/app?reference=many", Cancelled).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Fact]
    public async Task A_repository_that_stands_alone_goes_with_all_that_is_in_it_and_the_log_says_who_did_it()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0");
        using var gone = await paas.Api.DeleteAsync($"{Api}/repositories/team/app", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Empty(await paas.Api.GetAsync($"{Api}/repositories", Cancelled).ReadAsync<RepositoryView[]>());
        Assert.Contains(
            ("admin", "registry.deleted", "Removed the repository team/app with all its images."),
            (await paas.Api.GetAsync("/api/v1/activity", Cancelled).ReadAsync<ActivityView[]>()).Select(item => (item.Actor, item.Action, item.Text)));
    }

    [Fact]
    public async Task Settings_are_set_kept_and_taken_away()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0");
        await ChangeAsync(new UpdateRepository { Public = true, KeepLast = 5, KeepTags = "v*,stable", MaxBytes = 1_000_000 });
        var changed = await ChangeAsync(new UpdateRepository { KeepDays = 30, KeepLast = 0 });
        Assert.Equal((true, 1_000_000L, new RetentionView(null, 30, "v*,stable")), (changed.Public, changed.MaxBytes, changed.Retention));
        var bare = await ChangeAsync(new UpdateRepository { KeepDays = 0, KeepTags = "", MaxBytes = 0, Public = false });
        Assert.Equal((false, null, true), (bare.Public, bare.MaxBytes, bare.Retention.KeepsAll));

        Task<RepositoryView> ChangeAsync(UpdateRepository update) => paas.Api.PatchAsJsonAsync($"{Api}/repositories/team/app", update, Cancelled).ReadAsync<RepositoryView>();
    }

    [Theory]
    [InlineData(-1, null, null, "How many tags to keep is a number from 1 to 10,000, or 0 for no such rule.")]
    [InlineData(null, 99_999, null, "How many days to keep tags is a number from 1 to 3,650, or 0 for no such rule.")]
    [InlineData(null, null, "v[0-9]", "A pattern of tags to keep has letters, digits, '.', '_', '-', '*' and '?', several patterns commas between them: v*,stable")]
    public async Task A_setting_that_cannot_be_is_refused_in_a_sentence(int? keepLast, int? keepDays, string? keepTags, string sentence)
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0");
        var update = new UpdateRepository { KeepLast = keepLast, KeepDays = keepDays, KeepTags = keepTags };
        Assert.Equal(sentence, (await paas.Api.PatchAsJsonAsync($"{Api}/repositories/team/app", update, Cancelled).ProblemAsync(HttpStatusCode.BadRequest)).Detail);
    }

    [Fact]
    public async Task Another_team_finds_none_of_it_and_no_trace()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("hello", "1.0");
        await pusher.ImageAsync("team/app", "1.0");
        var stranger = paas.OtherTeam("strangers");
        Assert.Empty(await stranger.GetAsync($"{Api}/repositories", Cancelled).ReadAsync<RepositoryView[]>());
        foreach (var name in (string[])["hello", "team/app", "never/was"])
        {
            foreach (var path in (string[])[$"repositories/{name}", $"tags/{name}", $"manifests/{name}?reference=1.0"])
            {
                var problem = await stranger.GetAsync($"{Api}/{path}", Cancelled).ProblemAsync(HttpStatusCode.NotFound);
                Assert.Equal(("repository_not_found", $"There is no repository '{name}', or nothing was pushed to it yet. List yours with: paas registry repos"), (problem.Code, problem.Detail));
            }
        }
    }

    [Fact]
    public async Task A_push_and_a_delete_are_told_to_the_team()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await using var reader = await EventReader<EventView>.OpenAsync(paas.Api, "/api/v1/events");
        while ((await reader.NextAsync())?.Data.Kind != "ready")
        {
        }

        await pusher.ImageAsync("hello/worker", "1.0");
        var pushed = (await reader.NextAsync())!.Value.Data;
        Assert.Equal(("repository", null, "hello/worker"), (pushed.Kind, pushed.App, pushed.Repository));
    }

    [Fact]
    public async Task Images_of_a_destroyed_app_are_not_shown_and_a_renamed_apps_follow()
    {
        await using var paas = await StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("hello/worker", "1.0");
        await paas.Api.PatchAsJsonAsync("/api/v1/apps/hello", new UpdateApp { Name = "hi" }, Cancelled).ReadAsync<AppView>();
        Assert.Equal("hi/worker", (await paas.Api.GetAsync($"{Api}/repositories", Cancelled).ReadAsync<RepositoryView[]>()).Single().Name);
        using var destroyed = await paas.Api.DeleteAsync("/api/v1/apps/hi", Cancelled);
        Assert.Empty(await paas.Api.GetAsync($"{Api}/repositories", Cancelled).ReadAsync<RepositoryView[]>());
        Assert.Equal(0, (await paas.Api.GetAsync($"{Api}/usage", Cancelled).ReadAsync<RegistryUsageView>()).Size);
    }

    private static string IndexOf(Digest image) =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{"mediaType":"{{MediaTypes.Manifest}}","digest":"{{image}}","size":1,"platform":{"os":"linux","architecture":"amd64"} }]}""";

    private static async Task<TestPaas> StartAsync()
    {
        var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Cancelled).ReadAsync<AppView>(HttpStatusCode.Created);
        return paas;
    }

    private static void Release(TestPaas paas, int number, Digest image) => paas.Services.GetRequiredService<ReleaseStore>().Add(new Release
    {
        AppId = paas.Services.GetRequiredService<AppStore>().All().Single().Id,
        Number = number,
        Image = image,
        Config = [],
        Processes = new Dictionary<string, string> { ["web"] = "serve" },
        Description = "Image",
        Actor = "admin",
        CreatedAt = DateTimeOffset.UnixEpoch,
    });
}
