using System.Net;
using Paas.Client;
using Paas.Oci;
using Paas.Testing;
using Platform = Paas.Testing.Platform;

namespace Paas.Deploys;

/// <summary>skopeo pushes an image, and it is live.</summary>
public sealed class ImageTests(Platform platform) : IDisposable
{
    private readonly ForeignImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public async Task A_pushed_image_is_live_on_the_port_that_it_exposes_as_the_user_that_it_names()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await PushAsync(app, new RunConfig { User = "www", Entrypoint = ["/pushed"], Cmd = ["serve", "3000"], Env = ["PAGE=first"], ExposedPorts = Ports("3000/tcp") });
        var deploy = await EndedAsync(app, 1);
        Assert.True(deploy.State == "live", deploy.Sentence);
        Assert.Equal((HttpStatusCode.OK, "uid=101 PORT=3000 page=first"), await app.VisitAsync());

        // A config change and a rollback are releases of the same image.
        await app.SetAsync(("PAGE", "second"));
        Assert.Equal("uid=101 PORT=3000 page=second", (await app.VisitAsync()).Body);
        await app.ChangeAsync(HttpMethod.Post, "/rollback", new RollBack(1));
        Assert.Equal("uid=101 PORT=3000 page=first", (await app.VisitAsync()).Body);
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 2, null) });
        Assert.Equal(2, (await app.InstancesAsync()).Count(instance => instance.Release == 3));
    }

    [Fact]
    public async Task An_image_that_begins_as_root_on_port_80_and_hands_over_runs_and_ends_as_it_asks()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { StopGrace = 60, DrainTimeout = 0 });
        await PushAsync(app, new RunConfig { Entrypoint = ["/pushed", "serve", "80", "101"], ExposedPorts = Ports("80/tcp"), StopSignal = "SIGQUIT" });
        var deploy = await EndedAsync(app, 1);
        Assert.True(deploy.State == "live", deploy.Sentence);
        Assert.Equal("uid=101 PORT=80 page=(null)", (await app.VisitAsync()).Body);
        Assert.Contains("The image runs as root: that is root inside the instance only", await app.ReadAsync("/deploys/1/log?follow=false"), StringComparison.Ordinal);

        // It ignores SIGTERM: only SIGQUIT ends it within the minute.
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 0, null) });
        await app.UntilAsync("the instance says that it was asked", async () => (await app.ReadAsync("/logs?num=50")).Contains("asked to quit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_health_check_of_the_image_that_fails_fails_the_deploy_in_its_words()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { HealthTimeout = 5 });
        var run = new RunConfig { Entrypoint = ["/pushed", "serve", "8080"], Healthcheck = new HealthcheckConfig { Test = ["CMD", "/pushed", "check", "0"], Timeout = 5_000_000_000 } };
        await PushAsync(app, run);
        Assert.Equal("live", (await EndedAsync(app, 1)).State);

        await PushAsync(app, run with { Healthcheck = run.Healthcheck with { Test = ["CMD", "/pushed", "check", "3"] } });
        var deploy = await EndedAsync(app, 2);
        Assert.Equal("failed", deploy.State);
        Assert.Contains("The health check of the image (HEALTHCHECK) ends with exit 3 in web.1: the database is not there (after 5 s). v1 goes on serving.", deploy.Sentence, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task An_image_for_another_architecture_is_refused()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await PushAsync(app, new RunConfig { Entrypoint = ["/pushed"] }, config => config with { Architecture = "s390x" });
        Assert.Contains("is for linux/s390x, but this server runs linux/", (await EndedAsync(app, 1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_diff_id_of_somebody_elses_layer_mounts_nothing()
    {
        await using var owner = await PushedApp.CreateAsync(platform, null);
        var secret = default(DiffId);
        await PushAsync(owner, new RunConfig { Entrypoint = ["/pushed", "serve", "8080"] }, config =>
        {
            secret = config.RootFs.DiffIds[0];
            return config;
        });
        Assert.Equal("live", (await EndedAsync(owner, 1)).State);

        await using var thief = await PushedApp.CreateAsync(platform, null);
        using var images = new ForeignImages();
        var other = await images.MakeAsync(new RunConfig { Entrypoint = ["/pushed", "serve", "8080"] }, config => config with { RootFs = new RootFs { DiffIds = [secret] } }, file: "mine");
        (await images.PushAsync(other, $"127.0.0.1:{platform.Port}/{thief.Name}:main", $"any:{platform.Token}")).Succeeded();
        var deploy = await EndedAsync(thief, 1);
        Assert.Contains("A layer is not what the image's config says of it.", deploy.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_registrys_image_is_deployed_with_the_teams_login_and_followed()
    {
        await using var theirs = await PrivateRegistry.StartAsync();
        (await _images.PushAsync(await _images.MakeAsync(Serves("one")), $"{theirs.Host}/team/app:main", PrivateRegistry.Credentials)).Succeeded();
        await using var app = await PushedApp.CreateAsync(platform, null);
        var image = $"http://{theirs.Host}/team/app:main";

        var refused = await DeployAsync(app, image, follow: false);
        Assert.Contains($"sign in with: paas registry login {theirs.Host}", refused.Sentence, StringComparison.Ordinal);

        var (wrong, said) = await platform.SendAsync(HttpMethod.Put, $"/registry-credentials/{theirs.Host}", new SetRegistryLogin("me", "wrong") { PlainHttp = true }, TestContext.Current.CancellationToken);
        Assert.True(wrong == HttpStatusCode.UnprocessableEntity && said.Contains("does not accept this user name and password", StringComparison.Ordinal), said);
        var (kept, answer) = await platform.SendAsync(HttpMethod.Put, $"/registry-credentials/{theirs.Host}", new SetRegistryLogin("me", PrivateRegistry.Password) { PlainHttp = true }, TestContext.Current.CancellationToken);
        Assert.True(kept == HttpStatusCode.OK && !answer.Contains(PrivateRegistry.Password, StringComparison.Ordinal), answer);

        var deploy = await DeployAsync(app, image, follow: true);
        Assert.True(deploy.State == "live", deploy.Sentence);
        Assert.Equal("uid=101 PORT=8080 page=one", (await app.VisitAsync()).Body);
        Assert.Equal(image, (await app.ViewAsync()).FollowedImage!.Image);
        await platform.SendAsync(HttpMethod.Delete, $"/registry-credentials/{theirs.Host}", null, TestContext.Current.CancellationToken);
    }

    private static RunConfig Serves(string page) => new() { User = "101:102", Entrypoint = ["/pushed", "serve", "8080"], Env = [$"PAGE={page}"] };

    private static Dictionary<string, EmptyObject> Ports(params string[] ports) => ports.ToDictionary(port => port, _ => new EmptyObject());

    private async Task PushAsync(PushedApp app, RunConfig run, Func<ImageConfig, ImageConfig>? bend = null) =>
        (await _images.PushAsync(await _images.MakeAsync(run, bend), $"127.0.0.1:{platform.Port}/{app.Name}:main", $"any:{platform.Token}")).Succeeded();

    private static async Task<DeployView> DeployAsync(PushedApp app, string image, bool follow)
    {
        await app.ChangeAsync(HttpMethod.Post, "/deploys", new DeployImage(image) { Follow = follow });
        return await EndedAsync(app, (await app.DeploysAsync())[0].Number);
    }

    private static async Task<DeployView> EndedAsync(PushedApp app, int number)
    {
        DeployView? ended = null;
        await app.UntilAsync($"deploy v{number} ends", async () => (ended = (await app.DeploysAsync()).FirstOrDefault(deploy => deploy.Number == number && deploy.EndedAt is not null)) is not null);
        return ended!;
    }
}
