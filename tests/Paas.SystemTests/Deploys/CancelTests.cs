using System.Net;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>A deploy that somebody no longer wants.</summary>
public sealed class CancelTests(Platform platform)
{
    [Fact]
    public async Task A_build_that_is_cancelled_ends_at_once()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("package.json", "{ \"scripts\": { \"start\": \"node server.js\", \"build\": \"sleep 4712\" } }");
        await app.CommitAsync("A long build");
        var push = app.PushAsync();
        await app.UntilAsync("the build naps", async () => await NapsAsync());
        await app.ChangeAsync(HttpMethod.Post, "/deploys/1/cancel", null);

        var ended = await push;
        Assert.NotEqual(0, ended.Code);
        Assert.Contains("The deploy was cancelled", ended.Error, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await app.DeploysAsync())[0].State);
        Assert.False(await NapsAsync());
    }

    [Fact]
    public async Task A_release_that_is_cancelled_while_it_starts_leaves_the_old_one_serving()
    {
        await using var app = await PushedApp.LiveAsync(platform, "answers");
        var push = app.PushChangeAsync("Procfile", "web: START_AFTER=600 perl server.pl\n");
        await app.UntilAsync("the release starts", async () => (await app.DeploysAsync())[0] is { Number: 2, State: "starting" });
        await app.ChangeAsync(HttpMethod.Post, "/deploys/2/cancel", null);

        var ended = await push;
        Assert.NotEqual(0, ended.Code);
        Assert.Contains("v1 goes on serving", ended.Error, StringComparison.Ordinal);
        await app.UntilAsync("only the old instance is left", async () => await app.InstancesAsync() is [{ Release: 1 }]);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);

        var (status, body) = await app.SendAsync(HttpMethod.Post, "/deploys/2/cancel", null);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("has ended already", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_is_cancelled_by_its_number_too_and_then_there_is_nothing_left_to_cancel()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("package.json", "{ \"scripts\": { \"start\": \"node server.js\", \"build\": \"sleep 4713\" } }");
        await app.CommitAsync("A long build");
        var push = app.PushAsync();
        await app.UntilAsync("the build is under way", async () => (await app.ReadAsync("/builds")).Contains("\"state\":\"running\"", StringComparison.Ordinal));
        await app.ChangeAsync(HttpMethod.Post, "/builds/1/cancel", null);

        Assert.Contains("The deploy was cancelled", (await push).Error, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"cancelled\"", await app.ReadAsync("/builds/1"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await app.SendAsync(HttpMethod.Post, "/builds/1/cancel", null)).Status);
    }

    private static async Task<bool> NapsAsync() => (await Command.RunAsync("pgrep", ["-f", "^sleep 4712$"], TestContext.Current.CancellationToken)).Code == 0;
}
