using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>Deploys as a story: why one failed, how one is stopped, and the way back.</summary>
public sealed class DeploysTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task A_deploy_that_failed_says_first_what_went_wrong_and_what_to_do()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await SignedInAsync($"/apps/{app.Name}");
        await app.PushChangeAsync("Procfile", "web: echo no database >&2; exit 3\n");
        await viewer.Link("See why it failed").ClickAsync();

        var wrong = viewer.Page.GetByRole(AriaRole.Region, new() { Name = "What went wrong" });
        await Expect(wrong).ToContainTextAsync("v2 did not come up");
        await Expect(wrong).ToContainTextAsync("exit 3");
        await Expect(wrong).ToContainTextAsync("What to do");
        await Expect(wrong).ToContainTextAsync("v1 goes on serving.");
        await Expect(wrong).ToContainTextAsync("no database");
        var (failure, phases) = (await wrong.BoundingBoxAsync(), await viewer.Heading("Phases").BoundingBoxAsync());
        Assert.True(failure!.Y < phases!.Y);
        await wrong.GetByRole(AriaRole.Link, new() { Name = "Config vars" }).ClickAsync();
        await Expect(viewer.Heading("Config vars")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_build_is_watched_and_cancelled()
    {
        await using var app = await PushedApp.CreateAsync(Platform, "hello-node");
        await app.WriteAsync("package.json", "{ \"scripts\": { \"start\": \"node server.js\", \"build\": \"echo napping; sleep 3600\" } }");
        await app.CommitAsync("A long build");
        var viewer = await SignedInAsync($"/apps/{app.Name}");
        var push = app.PushAsync();
        await viewer.Link("Watch its log").ClickAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Region, new() { Name = "Log lines" })).ToContainTextAsync("napping");
        await viewer.Button("Cancel deploy").ClickAsync();
        await Expect(viewer.Page.GetByText("Cancelled", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(viewer.Button("Cancel deploy")).ToHaveCountAsync(0);
        Assert.Contains("The deploy was cancelled", (await push).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_says_what_will_change_and_is_watched_until_it_serves()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        await app.SetAsync(("GREETING", "Hi"));
        var viewer = await SignedInAsync($"/apps/{app.Name}/releases");
        await viewer.Link("Roll back to v1").ClickAsync();
        await Expect(viewer.Heading("What will change")).ToBeVisibleAsync();
        await Expect(viewer.Main).ToContainTextAsync("The code stays as it is.");
        await Expect(viewer.Main).ToContainTextAsync("GREETING");
        await viewer.Button("Roll back to v1").ClickAsync();

        await Expect(viewer.Heading("Deploy v3")).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByText("serves now")).ToBeVisibleAsync();
        Assert.Equal($"Hello from {app.Name} v3\n", (await app.VisitAsync()).Body);
        await viewer.GoAsync($"/apps/{app.Name}/releases");
        await Expect(viewer.Row("Release v3")).ToContainTextAsync("Live");
    }
}
