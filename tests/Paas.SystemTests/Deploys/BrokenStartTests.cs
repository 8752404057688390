using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Releases that do not come up: each is told why, and the old one goes on serving.</summary>
public sealed class BrokenStartTests(Platform platform)
{
    [Theory]
    [InlineData("echo no database >&2; exit 3", 25, "web.1 exited three times: exit 3", "no database")]
    [InlineData("PORT=3000 perl server.pl", 25, "listens on port 3000", "PORT")]
    [InlineData("BIND=127.0.0.1 perl server.pl", 25, "listens on 127.0.0.1:8080 only", "0.0.0.0")]
    [InlineData("perl -e '$x = \"a\" x 2**30; sleep 600'", 25, "out of memory at 512 MB", "--memory")]
    [InlineData("sleep 600", 4, "did not listen on port 8080 within 4 s", "--health-timeout")]
    public async Task Why_it_did_not_come_up_is_told_and_the_old_release_serves_on(string web, int patience, string why, string hint)
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { HealthTimeout = patience });
        var push = await app.PushChangeAsync("Procfile", $"web: {web}\n");

        Assert.NotEqual(0, push.Code);
        Assert.Contains(why, push.Error, StringComparison.Ordinal);
        Assert.Contains(hint, push.Error, StringComparison.Ordinal);
        Assert.Contains("v1 goes on serving", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
        await app.UntilAsync("only the old instance is left", async () => await app.InstancesAsync() is [{ Release: 1 }]);
    }

    [Fact]
    public async Task A_health_path_that_answers_500_is_told()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { HealthTimeout = 4, HealthPath = "/healthz" });
        var push = await app.PushChangeAsync("Procfile", "web: STATUS=500 perl server.pl\n");
        Assert.NotEqual(0, push.Code);
        Assert.Contains("answers 500 on /healthz", push.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task A_release_command_that_fails_ends_the_deploy()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var push = await app.PushChangeAsync("Procfile", "web: perl server.pl\nrelease: echo migrating; exit 4\n");
        Assert.NotEqual(0, push.Code);
        Assert.Contains("migrating", push.Error, StringComparison.Ordinal);
        Assert.Contains("The release command failed (exit 4)", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Theory]
    [InlineData("Procfile", "web node server.js\n", "Procfile line 1")]
    [InlineData("package.json", "{ \"dependencies\": { \"left-pad\": \"1.3.0\" } }", "package-lock.json")]
    [InlineData("package.json", "{ \"engines\": { \"node\": \"lts\" } }", "not a version range")]
    [InlineData("package.json", "{ not json", "not valid JSON")]
    public async Task A_build_that_fails_says_what_to_mend(string file, string text, string sentence)
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.GitAsync("rm", "--quiet", "package-lock.json")).Succeeded();
        var push = await app.PushChangeAsync(file, text);
        Assert.NotEqual(0, push.Code);
        Assert.Contains(sentence, push.Error, StringComparison.Ordinal);
        Assert.Equal("failed", (await app.ViewAsync()).State);
    }
}
