using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>Pages that change by themselves while one watches.</summary>
public sealed partial class LiveTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task The_list_of_apps_tells_what_comes_lives_and_goes()
    {
        var viewer = await SignedInAsync();
        await using var app = await PushedApp.CreateAsync(Platform, "hello-static");
        var row = viewer.Row(app.Name);
        await Expect(row).ToContainTextAsync("never");
        (await app.PushAsync()).Succeeded();
        await Expect(row).ToContainTextAsync("Live");
        await Expect(row).ToContainTextAsync("1 of 1");
        await app.ChangeAsync(HttpMethod.Delete, "", null);
        await Expect(row).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_new_app_is_made_and_its_page_turns_live_with_the_first_push()
    {
        var viewer = await SignedInAsync("/apps/new");
        var page = viewer.Page;
        var name = $"t{Guid.NewGuid().ToString("N")[..8]}";
        await page.GetByLabel("Name").FillAsync(name);
        await Expect(page.GetByText($"It will answer at http://{name}.localhost:{Platform.Port}")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create app" }).ClickAsync();
        await Expect(page.GetByText($"git remote add paas {Platform.Url}/git/{name}.git")).ToBeVisibleAsync();
        await Expect(page.GetByText("Waiting for the first push.")).ToBeVisibleAsync();
        Assert.Empty(await Look.AtAsync(page, "app-empty"));

        await using var app = await PushedApp.OfAsync(Platform, name, "hello-node");
        // Slow enough to be seen by whoever looks.
        await app.WriteAsync("package.json", "{ \"scripts\": { \"start\": \"node server.js\", \"build\": \"sleep 12\" } }");
        await app.CommitAsync("A build that takes its time");
        var push = app.PushAsync();
        await Expect(page.GetByText("The first push is here")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Build, running" })).ToBeVisibleAsync();
        await Expect(page.GetByText($"{name} is live at")).ToBeVisibleAsync();
        (await push).Succeeded();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"http://{name}.localhost" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_app_that_is_destroyed_under_an_open_page_is_said_to_be_gone()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "hello-static");
        var viewer = await SignedInAsync($"/apps/{app.Name}");
        await Expect(viewer.Page.GetByText("Live: v1").First).ToBeVisibleAsync();
        await app.ChangeAsync(HttpMethod.Delete, "", null);
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync($"There is no app called {app.Name}");
    }

    [Fact]
    public async Task A_browser_whose_clock_is_days_ahead_tells_the_servers_times()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await SignedInAsync();
        await viewer.Page.Clock.InstallAsync(new() { TimeDate = TimeProvider.System.GetUtcNow().AddDays(3).UtcDateTime });
        await viewer.GoAsync($"/apps/{app.Name}/deploys");
        var ago = viewer.Page.Locator("time[data-ago]").First;
        await Expect(ago).ToContainTextAsync(LessThanAnHour());
        await viewer.Page.Clock.FastForwardAsync(15_000);
        await Expect(ago).ToContainTextAsync(LessThanAnHour());
    }

    [Fact]
    public async Task Without_web_sockets_pages_live_too()
    {
        var viewer = await StrangerAsync();
        viewer.Expect("WebSocket", "websocket");
        var refused = new ConcurrentBag<Task>();
        await viewer.Context.RouteWebSocketAsync(_ => true, socket => refused.Add(socket.CloseAsync()));
        await viewer.SignInAsync();
        await using var app = await PushedApp.CreateAsync(Platform, null);
        await Expect(viewer.Row(app.Name)).ToBeVisibleAsync();
        await viewer.Page.GetByRole(AriaRole.Link, new() { Name = app.Name, Exact = true }).ClickAsync();
        await Expect(viewer.Page.GetByText("Waiting for the first push.")).ToBeVisibleAsync();
        Assert.NotEmpty(refused);
        await Task.WhenAll(refused);
    }

    [GeneratedRegex("^(just now|[0-9]+ (s|min) ago)$")]
    private static partial Regex LessThanAnHour();
}
