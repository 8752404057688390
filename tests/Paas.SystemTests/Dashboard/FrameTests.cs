using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>What is around every place: colours, and the ways about on a phone and by the keyboard.</summary>
public sealed class FrameTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    private const string Background = "getComputedStyle(document.body).backgroundColor";

    [Fact]
    public async Task The_colours_are_the_systems_until_one_chooses_and_stay_chosen()
    {
        var viewer = await SignedInAsync();
        var page = viewer.Page;
        var light = await page.EvaluateAsync<string>(Background);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(page.Locator("body")).Not.ToHaveCSSAsync("background-color", light);
        await page.GetByRole(AriaRole.Radio, new() { Name = "Light" }).First.CheckAsync(new() { Force = true });
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", light);
        await viewer.GoAsync("/apps/new");
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", light);
    }

    [Fact]
    public async Task A_phone_has_a_bar_with_four_places_and_a_sheet_with_the_rest()
    {
        await using var app = await PushedApp.CreateAsync(Platform, null);
        var viewer = await SignedInAsync($"/apps/{app.Name}");
        var page = viewer.Page;
        await page.SetViewportSizeAsync(Look.Phone.Width, Look.Phone.Height);
        var bar = page.GetByRole(AriaRole.Navigation, new() { Name = "Places", Exact = true });
        await Expect(bar.GetByRole(AriaRole.Link)).ToHaveTextAsync(["Apps", "Overview", "Deploys", "Releases"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "More", Exact = true }).ClickAsync();
        var sheet = page.GetByRole(AriaRole.Navigation, new() { Name = "More places" });
        await Expect(sheet).ToBeVisibleAsync();
        await Look.PictureAsync(page, "phone-sheet");
        await sheet.GetByRole(AriaRole.Link, new() { Name = "Logs" }).ClickAsync();
        await Expect(viewer.Heading("Logs")).ToBeVisibleAsync();
        await Expect(sheet).ToBeHiddenAsync();
        // The app goes with this test: the page must not ask for its log afterwards.
        await page.GotoAsync("about:blank");
    }

    [Fact]
    public async Task The_keyboard_alone_leads_to_a_new_app()
    {
        var viewer = await SignedInAsync();
        var page = viewer.Page;
        await page.ReloadAsync();
        await Viewer.LiveAsync(page);
        await page.Keyboard.PressAsync("Tab");
        await viewer.Link("New app").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(viewer.Heading("New app")).ToBeFocusedAsync();
        var name = $"t{Guid.NewGuid().ToString("N")[..8]}";
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(name);
        await Expect(viewer.Button("Create app")).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(viewer.Heading(name)).ToBeVisibleAsync();
        await using var app = await PushedApp.OfAsync(Platform, name, null);
    }
}
