using System.Net;
using Microsoft.Playwright;
using Paas.Client;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Patching;

/// <summary>The room of the base image in a real browser: an update shows up by itself, and what is inside is found.</summary>
[Collection(StackPlatform.Name)]
public sealed class StackRoomTests(StackPlatform stack, Browser browser) : BrowserTests(stack.Platform, browser)
{
    [Fact]
    public async Task An_update_is_seen_live_and_what_is_inside_is_found()
    {
        await using var site = await PushedApp.LiveAsync(Platform, "hello-static");
        await using var node = await PushedApp.LiveAsync(Platform, "hello-node");
        var (_, version) = await stack.NewRunImageAsync();
        var viewer = await SignedInAsync("/stack");
        var page = viewer.Page;
        await Expect(page.GetByText("stand on an older run image")).ToBeVisibleAsync();
        var wrong = await Look.AtAsync(page, "stack-older");

        var (status, body) = await Platform.SendAsync(HttpMethod.Post, "/stack/updates", new StartStackUpdate(true), Cancelled);
        Assert.True(status == HttpStatusCode.Accepted, body);

        await Expect(page.GetByText("Every app that is built here stands on the newest run image.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "v1 to v2" })).ToHaveCountAsync(2);
        wrong.AddRange(await Look.AtAsync(page, "stack-updated"));

        await page.GetByLabel("Update every week").CheckAsync();
        await page.GetByLabel("Day").SelectOptionAsync("tuesday");
        await viewer.Button("Save").ClickAsync();
        await Expect(page.GetByText("Saved: the next update is on")).ToBeVisibleAsync();
        await page.GetByLabel("Update every week").UncheckAsync();
        await viewer.Button("Save").ClickAsync();
        await Expect(page.GetByText("Saved: no update comes by itself.")).ToBeVisibleAsync();

        await viewer.GoAsync("/packages?name=nginx");
        await Expect(page.GetByText(version).First).ToBeVisibleAsync();
        wrong.AddRange(await Look.AtAsync(page, "packages"));

        await viewer.GoAsync($"/apps/{node.Name}/releases/2");
        await viewer.Button("Show packages").ClickAsync();
        await page.GetByPlaceholder("Name of a package").FillAsync("nginx");
        await Expect(page.GetByText(version).First).ToBeVisibleAsync();
        wrong.AddRange(await Look.AtAsync(page, "release-inside"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
