using System.Net;
using Paas.Accounts;
using Paas.Apps;
using Paas.Oci;

namespace Paas.Registry;

public sealed class RegistryAccessTests : IAsyncLifetime
{
    private TestRegistry _registry = null!;
    private HttpClient _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync(services => services.AddSingleton<AppsOfNode>(provider => node => node == "one" ? [provider.GetRequiredService<AppStore>().All().Single(app => app.Name == "hello").Id] : []));
        _other = _registry.ClientOf(_registry.OtherToken);
    }

    public async ValueTask DisposeAsync()
    {
        _other.Dispose();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("free/name")]
    [InlineData("conformance/one/two/three")]
    [InlineData("registry")]
    public async Task An_administrator_makes_a_repository_of_any_free_name(string name)
    {
        await _registry.Push(name, [1]);
        using var tags = await _registry.Client.GetAsync($"/v2/{name}/tags/list", Cancellation);
        Assert.Equal(HttpStatusCode.OK, tags.StatusCode);
    }

    [Fact]
    public async Task Another_user_makes_repositories_below_the_name_of_their_team_only()
    {
        await _registry.Push("others/tool", [1], _other);
        await _registry.Push("mine/tool", [1]);
        foreach (var name in new[] { "free/name", "mine/tool" })
        {
            using var pushed = await _other.PostAsync($"/v2/{name}/blobs/uploads/", null, Cancellation);
            Assert.Equal("404 NAME_UNKNOWN", await pushed.Error());
            Assert.Equal($"There is no repository '{name}' that you may use.", await pushed.Sentence());
        }
    }

    [Fact]
    public async Task An_app_takes_the_repository_that_stood_alone_under_its_name()
    {
        await _registry.PutManifest("later", "1", await _registry.Manifest("later"));
        await _registry.PutManifest("later/part", "1", await _registry.Manifest("later/part"));
        var app = NewApp("later");
        Assert.Equal(["1"], await Tags(_registry.Client, "later"));
        Assert.Equal(["1"], await Tags(_registry.Client, "later/part"));
        var store = _registry.Services.GetRequiredService<RegistryStore>();
        Assert.NotNull(store.Find(RepositoryKey.OfApp(app.TeamId, app.Id, "")));
        Assert.NotNull(store.Find(RepositoryKey.OfApp(app.TeamId, app.Id, "part")));
        Assert.Null(store.Find(RepositoryKey.Alone(app.TeamId, RepositoryName.Parse("later"))));
    }

    [Fact]
    public async Task The_platforms_own_push_takes_it_too()
    {
        await _registry.PutManifest("later", "1", await _registry.Manifest("later"));
        var app = NewApp("later");
        _registry.Services.GetRequiredService<RegistryStore>().Open(RepositoryKey.OfApp(app.TeamId, app.Id, ""));
        Assert.Equal(["1"], await Tags(_registry.Client, "later"));
    }

    [Fact]
    public async Task A_name_that_another_team_had_first_means_theirs_to_them_and_the_apps_to_everybody_else()
    {
        await _registry.PutManifest("shared", "old", await _registry.Manifest("shared"));
        _registry.MakePublic("shared");
        var apps = _registry.Services.GetRequiredService<AppStore>();
        apps.Create(_registry.Services.GetRequiredService<Tokens>().Authenticate(_registry.OtherToken)!.TeamId, AppName.Parse("shared"));
        Assert.Equal(["old"], await Tags(_registry.Client, "shared"));
        using var nothing = await _other.GetAsync("/v2/shared/tags/list", Cancellation);
        Assert.Equal("Nothing has been pushed to the repository 'shared' yet.", await nothing.Sentence());
        await _registry.Push("shared", [9], _other);
        using var nobody = new HttpClient { BaseAddress = _registry.Url };
        using var anonymous = await nobody.GetAsync("/v2/shared/tags/list", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await anonymous.Error());
    }

    [Fact]
    public async Task What_is_public_is_pulled_by_everybody_and_pushed_by_its_team()
    {
        await _registry.PutManifest("hello", "1", await _registry.Manifest("hello"));
        _registry.MakePublic("hello");
        using var nobody = new HttpClient { BaseAddress = _registry.Url };
        Assert.Equal(["1"], await Tags(nobody, "hello"));
        Assert.Equal(["1"], await Tags(_other, "hello"));
        using var pushed = await _other.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("403 DENIED", await pushed.Error());
        Assert.Equal("You may not push to 'hello': use a token that has the right to.", await pushed.Sentence());
        using var deleted = await _other.DeleteAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal("You may not delete from 'hello': use a token that has the right to.", await deleted.Sentence());
        using var ping = await nobody.GetAsync("/v2/", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await ping.Error());
    }

    [Fact]
    public async Task A_robot_does_what_it_was_made_for_and_nothing_else()
    {
        await _registry.PutManifest("hello", "1", await _registry.Manifest("hello"));
        using var pull = _registry.RobotOf("hello", "pull");
        Assert.Equal(["1"], await Tags(pull, "hello"));
        using var pushed = await pull.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("403 DENIED", await pushed.Error());
        using var outside = await pull.GetAsync("/v2/hello/part/tags/list", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await outside.Error());

        using var push = _registry.RobotOf("hello hello/*", "pull,push");
        await _registry.Push("hello/part", [1], push);
        using var refused = await push.DeleteAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal("403 DENIED", await refused.Error());

        using var delete = _registry.RobotOf("hello", "delete");
        using var read = await delete.GetAsync("/v2/hello/tags/list", Cancellation);
        Assert.Equal("You may not pull from 'hello': use a token that has the right to.", await read.Sentence());
        using var deleted = await delete.DeleteAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
    }

    [Fact]
    public async Task A_robot_for_everything_has_everything_of_its_team_and_nothing_of_others()
    {
        using var robot = _registry.RobotOf("*", "*");
        await _registry.Push("brand/new", [1], robot);
        using var theirs = await robot.GetAsync("/v2/theirs/tags/list", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await theirs.Error());
    }

    [Fact]
    public async Task A_robot_gets_a_token_for_less_than_it_asks_for()
    {
        using var robot = _registry.RobotOf("hello/*", "pull,push");
        using var response = await robot.GetAsync("/v2/token?scope=repository:hello/a:*&scope=repository:hello:pull&offline_token=true", Cancellation);
        var answer = (await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!;
        Assert.Equal("repository:hello/a:pull,push", answer.Scope);
        Assert.NotNull(answer.RefreshToken);
    }

    [Fact]
    public async Task A_mount_from_what_one_may_not_read_is_an_upload()
    {
        var digest = await _registry.Push("theirs", [1, 2, 3, 4], _other);
        await _registry.Push("hello/secret", [5, 6, 7]);
        using var robot = _registry.RobotOf("hello", "pull,push");
        foreach (var (from, wanted) in new[] { ("theirs", digest), ("hello/secret", Digest.Of([5, 6, 7])), ("none/at/all", digest) })
        {
            using var mounted = await robot.PostAsync($"/v2/hello/blobs/uploads/?from={Uri.EscapeDataString(from)}&mount={wanted}", null, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, mounted.StatusCode);
            using var head = await robot.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/hello/blobs/{wanted}"), Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }
    }

    [Fact]
    public async Task A_node_pulls_what_runs_there()
    {
        await _registry.PutManifest("hello", "r1", await _registry.Manifest("hello"));
        await _registry.PutManifest("alone", "1", await _registry.Manifest("alone"));
        var robots = _registry.Services.GetRequiredService<RobotTokens>();
        var admin = _registry.Services.GetRequiredService<Tokens>().Authenticate(_registry.Token)!;
        using var node = _registry.ClientOf(robots.CreateForNode(admin, "one").Secret);
        Assert.Equal(["r1"], await Tags(node, "hello"));
        foreach (var name in new[] { "alone", "theirs" })
        {
            using var other = await node.GetAsync($"/v2/{name}/tags/list", Cancellation);
            Assert.Equal("404 NAME_UNKNOWN", await other.Error());
        }

        using var pushed = await node.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("403 DENIED", await pushed.Error());
        using var idle = _registry.ClientOf(robots.CreateForNode(admin, "two").Secret);
        using var nothing = await idle.GetAsync("/v2/hello/tags/list", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await nothing.Error());
    }

    [Fact]
    public void A_list_shows_each_what_they_may_pull()
    {
        var access = _registry.Services.GetRequiredService<RegistryAccess>();
        var tokens = _registry.Services.GetRequiredService<Tokens>();
        var admin = tokens.Authenticate(_registry.Token)!;
        var mine = new RegistryCaller.User(admin);
        var theirs = new RegistryCaller.User(tokens.Authenticate(_registry.OtherToken)!);
        var robot = new RegistryCaller.Robot(_registry.Services.GetRequiredService<RobotTokens>().Create(admin, "r", ["hello/*"], RegistryRights.Pull, null).Token);
        var (hello, part) = (RepositoryName.Parse("hello"), RepositoryName.Parse("hello/part"));
        Assert.True(access.MayList(mine, admin.TeamId, hello));
        Assert.False(access.MayList(theirs, admin.TeamId, hello));
        Assert.False(access.MayList(robot, admin.TeamId, hello));
        Assert.True(access.MayList(robot, admin.TeamId, part));
        Assert.False(access.MayList(new RegistryCaller.Nobody(), admin.TeamId, hello));
    }

    private static async Task<string[]> Tags(HttpClient client, string name)
    {
        using var response = await client.GetAsync($"/v2/{name}/tags/list", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.Content.ReadFromJsonAsync(RegistryJson.Default.TagList, Cancellation))!.Tags];
    }

    private App NewApp(string name) =>
        _registry.Services.GetRequiredService<AppStore>().Create(_registry.Services.GetRequiredService<Tokens>().Authenticate(_registry.Token)!.TeamId, AppName.Parse(name));
}
