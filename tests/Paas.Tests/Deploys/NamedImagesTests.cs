using System.Net;
using System.Text;
using Dapper;
using Paas.Activity;
using Paas.Client;
using Paas.Oci;
using Paas.State;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>`paas deploy --image`, logins at other registries, and tags that are followed.</summary>
public sealed class NamedImagesTests : IAsyncLifetime
{
    private ImageLab _lab = null!;
    private TestUpstream _upstream = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _lab = await ImageLab.StartAsync();
        _upstream = await TestUpstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task An_image_of_another_registry_is_fetched_and_can_be_pulled_from_here()
    {
        var pushed = Upstream("1", "a");
        var deploy = await _lab.DeployAsync($"http://{_upstream.Host}/team/app:1");
        Assert.Equal(("live", $"Image {_upstream.Host}/team/app:1"), (deploy.State, deploy.Message));
        Assert.Equal((pushed.Digest, pushed.Digest.ToString()), (_lab.Release(1).Image, _lab.Release(1).Run!.Digest));
        Assert.Contains("MB to fetch", await _lab.LogAsync(1), StringComparison.Ordinal);
        using var answer = await _lab.Paas.Api.GetAsync("/v2/hello/manifests/v1", Cancelled);
        Assert.Equal(pushed.Digest.ToString(), answer.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Fact]
    public async Task What_goes_wrong_elsewhere_is_told()
    {
        var deploy = await _lab.DeployAsync($"http://{_upstream.Host}/team/app:1");
        Assert.Equal("failed", deploy.State);
        Assert.Equal($"{_upstream.Host}/team/app has no image '1': check name and tag. Nothing serves yet.", deploy.Sentence);
        Assert.Equal(("The image could not be had", "check name and tag"), (deploy.Failure!.Title, deploy.Failure.Cause.Split(": ")[^1].TrimEnd('.')));
    }

    [Theory]
    [InlineData("", "An image is written like")]
    [InlineData("UPPER", "cannot be an image's name")]
    [InlineData("http://8.8.8.8/team/app", "is reached over TLS only")]
    public async Task A_name_that_is_none_begins_no_deploy(string image, string sentence)
    {
        var problem = await _lab.Paas.Api.PostAsJsonAsync("/api/v1/apps/hello/deploys", new DeployImage(image), Cancelled).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("image_invalid", problem.Code);
        Assert.Contains(sentence, problem.Detail, StringComparison.Ordinal);
        Assert.Empty(_lab.Deploys());
    }

    [Fact]
    public async Task A_login_is_tried_kept_encrypted_used_and_never_shown()
    {
        _upstream.Demand("me", "s3cret-password", bearer: true);
        Upstream("1", "a");
        var refused = await SetLoginAsync("wrong").ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(("registry_login_refused", $"{_upstream.Host} does not accept this user name and password: check both. Many registries want an access token in the password's place."), (refused.Code, refused.Detail));

        var view = await SetLoginAsync("s3cret-password").ReadAsync<RegistryLoginView>();
        Assert.Equal((_upstream.Host, "me", "admin"), (view.Host, view.Username, view.Actor));
        Assert.DoesNotContain("s3cret", await _lab.Paas.Api.GetStringAsync("/api/v1/registry-credentials", Cancelled), StringComparison.Ordinal);
        await using (var connection = _lab.Get<Database>().Open())
        {
            var sealedPassword = await connection.QuerySingleAsync<byte[]>("SELECT password FROM registry_logins");
            Assert.DoesNotContain("s3cret", Encoding.Latin1.GetString(sealedPassword), StringComparison.Ordinal);
        }

        Assert.Equal("live", (await _lab.DeployAsync($"http://{_upstream.Host}/team/app:1")).State);
        Assert.DoesNotContain("s3cret", await _lab.LogAsync(1), StringComparison.Ordinal);
        Assert.Contains($"Fetching {_upstream.Host}/team/app:1 as me", await _lab.LogAsync(1), StringComparison.Ordinal);
        Assert.Contains(_lab.Get<ActivityLog>().OfTeam(_lab.App.TeamId, null, null, 50), item => item.Text == $"Signed in at {_upstream.Host} as me.");
    }

    [Fact]
    public async Task A_login_is_its_teams_alone()
    {
        await SetLoginAsync("s3cret").ReadAsync<RegistryLoginView>();
        var others = _lab.Paas.OtherTeam("others");
        Assert.Empty(await others.GetAsync("/api/v1/registry-credentials", Cancelled).ReadAsync<RegistryLoginView[]>());
        Assert.Equal("registry_login_not_found", (await others.DeleteAsync($"/api/v1/registry-credentials/{_upstream.Host}", Cancelled).ProblemAsync(HttpStatusCode.NotFound)).Code);

        // Sealed for one team and host: moved to another it does not open.
        await using (var connection = _lab.Get<Database>().Open())
        {
            await connection.ExecuteAsync("UPDATE registry_logins SET host = 'elsewhere.example'");
        }

        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => _lab.Get<RegistryLoginStore>().Find(_lab.App.TeamId, "elsewhere.example"));
        using var gone = await _lab.Paas.Api.DeleteAsync("/api/v1/registry-credentials/elsewhere.example", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Theory]
    [InlineData("ghcr.io%2Fteam", "me", "x", "registry_host_invalid")]
    [InlineData("ghcr.io", "", "x", "registry_login_invalid")]
    [InlineData("ghcr.io", "a:b", "x", "registry_login_invalid")]
    [InlineData("ghcr.io", "me", "", "registry_login_invalid")]
    [InlineData("ghcr.io", "me", "a\nb", "registry_login_invalid")]
    public async Task A_bad_login_is_refused_before_anybody_is_asked(string host, string user, string password, string code) =>
        Assert.Equal(code, (await _lab.Paas.Api.PutAsJsonAsync($"/api/v1/registry-credentials/{host}", new SetRegistryLogin(user, password), Cancelled).ProblemAsync(HttpStatusCode.BadRequest)).Code);

    [Fact]
    public async Task Images_of_this_platform_do_not_go_over_the_network()
    {
        await ImageLab.CreateAsync("staging", _lab.Paas.Api);
        var digest = await _lab.PushAsync("staging", "good", "a");
        await _lab.EndedAsync(1, "staging");
        foreach (var image in new[] { "registry.localhost/staging:v1", "localhost:8080/staging:good", "staging:good", $"registry.localhost:8080/staging@{digest}" })
        {
            Assert.Equal("live", (await _lab.DeployAsync(image)).State);
            Assert.Equal(digest, _lab.Release(_lab.Deploys()[0].Number).Image);
        }

        Assert.Equal("live", (await _lab.DeployAsync(":v1")).State);
        Assert.Equal("live", (await _lab.DeployAsync(digest.ToString())).State);
        Assert.Contains("This platform's registry has no image hello:nope: push it", (await _lab.DeployAsync(":nope")).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_teams_image_is_not_there()
    {
        var theirs = _lab.Paas.OtherTeam("others");
        await ImageLab.CreateAsync("theirs", theirs);
        await _lab.PushAsync("theirs", "main", [TempStore.Layer(TarEntryTo.File("secret"))], api: theirs);
        Assert.Contains("has no image theirs:main", (await _lab.DeployAsync("registry.localhost/theirs:main")).Sentence, StringComparison.Ordinal);
        Assert.Equal("app_not_found", (await theirs.PostAsJsonAsync("/api/v1/apps/hello/deploys", new DeployImage("nginx"), Cancelled).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Fact]
    public async Task A_followed_tag_is_deployed_when_its_digest_changes()
    {
        Upstream("main", "a");
        Assert.Equal("live", (await _lab.DeployAsync($"http://{_upstream.Host}/team/app:main", follow: true)).State);
        await LookAsync();
        Assert.Single(_lab.Deploys());

        var second = Upstream("main", "b");
        await LookAsync();
        var deploy = await _lab.EndedAsync(2);
        Assert.Equal(("live", "platform", second.Digest.ToString()), (deploy.State, deploy.Actor, _lab.Release(2).Run!.Digest));
        var view = (await _lab.Paas.Api.GetAsync("/api/v1/apps/hello", Cancelled).ReadAsync<AppView>()).FollowedImage!;
        Assert.Equal(($"http://{_upstream.Host}/team/app:main", second.Digest.ToString(), null), (view.Image, view.Digest, view.Problem));

        using var gone = await _lab.Paas.Api.DeleteAsync("/api/v1/apps/hello/followed-image", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Null((await _lab.Paas.Api.GetAsync("/api/v1/apps/hello", Cancelled).ReadAsync<AppView>()).FollowedImage);
    }

    [Fact]
    public async Task A_followed_image_that_does_not_come_up_is_not_tried_again()
    {
        Upstream("main", "a");
        await _lab.DeployAsync($"http://{_upstream.Host}/team/app:main", follow: true);
        _upstream.Image("team/app", "main", TempStore.Layer(TarEntryTo.File("b")), ImageLab.Runs("/serve"), architecture: "s390x");
        await LookAsync();
        Assert.Equal("failed", (await _lab.EndedAsync(2)).State);
        await LookAsync();
        Assert.Equal(2, _lab.Deploys().Count);
    }

    [Fact]
    public async Task A_registry_that_is_away_is_told_once_and_asked_more_rarely()
    {
        Upstream("main", "a");
        await _lab.DeployAsync($"http://{_upstream.Host}/team/app:main", follow: true);
        _upstream.Before = context =>
        {
            context.Response.StatusCode = 429;
            return Task.FromResult(true);
        };
        await LookAsync();
        await LookAsync();
        var followed = _lab.Get<FollowedImages>().Find(_lab.App.Id)!;
        Assert.Equal(2, followed.Failures);
        Assert.True(followed.NextAt - followed.LookedAt >= TimeSpan.FromMinutes(19));
        Assert.Contains("too many requests", followed.Sentence, StringComparison.Ordinal);
        Assert.Single(_lab.Get<ActivityLog>().OfApp(_lab.App.Id, 50), item => item.Action == "image.follow.failed");
        _upstream.Before = _ => Task.FromResult(false);
        await LookAsync();
        Assert.Single(_lab.Get<ActivityLog>().OfApp(_lab.App.Id, 50), item => item.Action == "image.follow.well");
    }

    [Fact]
    public async Task A_push_to_a_followed_tag_of_this_platform_is_deployed_at_once()
    {
        await ImageLab.CreateAsync("staging", _lab.Paas.Api);
        await _lab.PushAsync("staging", "good", "a");
        await _lab.EndedAsync(1, "staging");
        await _lab.DeployAsync("registry.localhost/staging:good", follow: true);
        var next = await _lab.PushAsync("staging", "good", "b");
        Assert.Equal("live", (await _lab.EndedAsync(2)).State);
        Assert.Equal(next, _lab.Release(2).Image);
    }

    [Theory]
    [InlineData("registry.localhost/hello:main", "is deployed anyway")]
    [InlineData("nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "give a tag to follow")]
    public async Task What_cannot_be_followed_is_said(string image, string sentence)
    {
        var problem = await _lab.Paas.Api.PostAsJsonAsync("/api/v1/apps/hello/deploys", new DeployImage(image) { Follow = true }, Cancelled).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("follow_impossible", problem.Code);
        Assert.Contains(sentence, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Pauses_grow_to_hours_and_respect_what_the_registry_asks()
    {
        Assert.Equal(TimeSpan.FromMinutes(10), FollowLoop.PauseAfter(1, null));
        Assert.Equal(TimeSpan.FromMinutes(320), FollowLoop.PauseAfter(50, null));
        Assert.Equal(TimeSpan.FromHours(2), FollowLoop.PauseAfter(1, TimeSpan.FromHours(2)));
        Assert.Equal(TimeSpan.FromDays(1), FollowLoop.PauseAfter(1, TimeSpan.FromDays(30)));
    }

    private Descriptor Upstream(string tag, string file) => _upstream.Image("team/app", tag, TempStore.Layer(TarEntryTo.File(file)), ImageLab.Runs("/serve"));

    private Task<HttpResponseMessage> SetLoginAsync(string password) =>
        _lab.Paas.Api.PutAsJsonAsync($"/api/v1/registry-credentials/{_upstream.Host}", new SetRegistryLogin("me", password) { PlainHttp = true }, Cancelled);

    /// <summary>The next look, now, and what it finds out.</summary>
    private async Task LookAsync()
    {
        var before = _lab.Get<FollowedImages>().Find(_lab.App.Id)!.LookedAt;
        await _lab.Get<FollowLoop>().LookNowAsync(_lab.App.Id, Cancelled);
        Assert.NotEqual(before, _lab.Get<FollowedImages>().Find(_lab.App.Id)!.LookedAt);
    }
}
