using System.Globalization;
using Microsoft.Playwright;
using Paas.Client;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>Control is killed under open pages, and keep starts another.</summary>
[Collection(OwnPlatform.Name)]
public sealed class RestartTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task Open_pages_come_back_where_they_were_with_what_happened_meanwhile()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await RestartedUnderAsync();
        var (apps, overview) = (viewer.Page, await viewer.SecondAsync($"/apps/{app.Name}"));
        var (instances, logs) = (await viewer.SecondAsync($"/apps/{app.Name}/instances"), await viewer.SecondAsync($"/apps/{app.Name}/logs"));
        await Expect(apps.GetByRole(AriaRole.Row, new() { Name = app.Name })).ToContainTextAsync("1 of 1");
        await Expect(overview.GetByText("Live: v1").First).ToBeVisibleAsync();
        await Expect(instances.GetByRole(AriaRole.Row, new() { Name = "web.1" })).ToContainTextAsync("Live");
        await Expect(CountingApp.Lines(logs)).ToContainTextAsync("listening on");

        await KillControlAsync();
        await Platform.ReadyAsync(Cancelled);
        await using var other = await PushedApp.CreateAsync(Platform, null);
        await app.SetAsync(("SECRET", "told meanwhile"));
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 2, null) });

        await Expect(apps.GetByRole(AriaRole.Row, new() { Name = other.Name })).ToContainTextAsync("never");
        await Expect(apps.GetByRole(AriaRole.Row, new() { Name = app.Name })).ToContainTextAsync("2 of 2");
        await Expect(overview.GetByText("Live: v2").First).ToBeVisibleAsync();
        await Expect(instances.GetByRole(AriaRole.Row, new() { Name = "web.2" })).ToContainTextAsync("Live");
        await Expect(CountingApp.Lines(logs)).ToContainTextAsync("the secret is [redacted]");
        await ExpectAtAsync(apps, "/", "Apps");
        await ExpectAtAsync(overview, $"/apps/{app.Name}", app.Name);
        await ExpectAtAsync(instances, $"/apps/{app.Name}/instances", "Instances");
        await ExpectAtAsync(logs, $"/apps/{app.Name}/logs", "Logs");
    }

    [Fact]
    public async Task The_log_goes_on_over_a_restart_without_a_gap_or_a_line_twice()
    {
        await using var app = await CountingApp.LiveAsync(Platform);
        var viewer = await RestartedUnderAsync();
        var page = viewer.Page;
        await viewer.GoAsync($"/apps/{app.Name}/logs");
        await Expect(CountingApp.Lines(page)).ToContainTextAsync("said");

        // The page itself cannot come back yet: the view's own stream has to take up where it broke.
        await page.EvaluateAsync("window.isFromBefore = true");
        await page.RouteAsync("**/_blazor/**", route => route.AbortAsync());
        await page.RouteAsync("**/readyz", route => route.AbortAsync());
        var before = await CountingApp.NewestAsync(page);
        Assert.NotEqual(0, before);
        await KillControlAsync();
        await Platform.ReadyAsync(Cancelled);
        await app.UntilAsync("the view goes on", async () => await CountingApp.NewestAsync(page) > before + 50);
        ExpectEachOnce(await CountingApp.NumbersAsync(page), before);
        Assert.True(await page.EvaluateAsync<bool>("window.isFromBefore"));

        before = await CountingApp.NewestAsync(page);
        await page.UnrouteAllAsync();
        await page.WaitForFunctionAsync("() => !window.isFromBefore");
        await app.UntilAsync("the page goes on", async () => await CountingApp.NewestAsync(page) > before + 50);
        ExpectEachOnce(await CountingApp.NumbersAsync(page), before);
        await ExpectAtAsync(page, $"/apps/{app.Name}/logs", "Logs");
    }

    [Fact]
    public async Task What_was_typed_stays_until_its_writer_says_yes()
    {
        var viewer = await RestartedUnderAsync();
        await viewer.GoAsync("/apps/new");
        var name = viewer.Page.GetByLabel("Name", new() { Exact = true });
        await name.PressSequentiallyAsync("half-a-nam");
        await KillControlAsync();
        await Platform.ReadyAsync(Cancelled);

        await Expect(viewer.Page.Locator("#connection")).ToContainTextAsync("What you typed is still in this page");
        await Expect(name).ToHaveValueAsync("half-a-nam");
        await Look.PictureAsync(viewer.Page, "restarted-under-a-form");
        await viewer.Button("Load the page again").ClickAsync();
        await ExpectAtAsync(viewer.Page, "/apps/new", "New app");
        await Expect(name).ToHaveValueAsync("");
    }

    /// <summary>Somebody whose browser tells that its connections were cut, and that nobody answered for a while.</summary>
    private async Task<Viewer> RestartedUnderAsync()
    {
        var viewer = await SignedInAsync();
        viewer.Expect("WebSocket", "ERR_", "status of 502", "status of 503", "_blazor", "negotiation with the server", "Failed to fetch");
        return viewer;
    }

    private static async Task ExpectAtAsync(IPage page, string place, string heading)
    {
        await Viewer.LiveAsync(page);
        await Expect(page).ToHaveURLAsync(new Uri(new Uri(page.Url), place).ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.Locator("#connection")).ToBeHiddenAsync();
    }

    private static void ExpectEachOnce(List<int> numbers, int before)
    {
        Assert.InRange(before, numbers[0], numbers[^1]);
        Assert.Equal(Enumerable.Range(numbers[0], numbers[^1] - numbers[0] + 1), numbers);
    }

    private async Task KillControlAsync() =>
        (await Command.RunAsync("kill", ["-KILL", Platform.PidOf("control").ToString(CultureInfo.InvariantCulture)], Cancelled)).Succeeded();
}
