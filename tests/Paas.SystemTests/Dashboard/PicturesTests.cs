using Microsoft.Playwright;
using Paas.Client;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>The pictures of README and user guide (docs/images): three apps, one of them with a deploy that failed. Copy them from the folder of
/// pictures when the dashboard has changed its looks.</summary>
[Collection(OwnPlatform.Name)]
public sealed class PicturesTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task The_guides_pictures_show_what_its_reader_will_see()
    {
        await using var shop = await LiveAsync("shop", "answers");
        await using var blog = await LiveAsync("blog", "hello-static");
        await using var orders = await LiveAsync("orders", "answers");
        for (var visit = 0; visit < 40; visit++)
        {
            await shop.VisitAsync();
            await blog.VisitAsync();
        }

        await shop.PushChangeAsync("Procfile", "web: echo \"Error: DATABASE_URL is not set\" >&2; exit 3\n");
        var viewer = await SignedInAsync();
        await Expect(viewer.Row("shop")).ToBeVisibleAsync();
        await PicturesAsync(viewer, "/", "apps");
        await PicturesAsync(viewer, "/apps/shop/deploys/2", "deploy");

        await viewer.GoAsync("/docs");
        await viewer.Link("Quickstart").ClickAsync();
        await Expect(viewer.Heading("Quickstart")).ToBeVisibleAsync();
    }

    private static async Task PicturesAsync(Viewer viewer, string place, string name)
    {
        foreach (var colours in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await viewer.Page.SetViewportSizeAsync(1200, 720);
            await viewer.Page.EmulateMediaAsync(new() { ColorScheme = colours, ReducedMotion = ReducedMotion.Reduce });
            await viewer.GoAsync(place);
            await viewer.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await Look.PictureAsync(viewer.Page, $"docs-{name}-{(colours == ColorScheme.Dark ? "dark" : "light")}");
        }
    }

    private async Task<PushedApp> LiveAsync(string name, string sample)
    {
        Platform.SkipIfMissing();
        var (status, body) = await Platform.SendAsync(HttpMethod.Post, "/apps", new CreateApp(name), Cancelled);
        Assert.True((int)status < 300, body);
        var app = await PushedApp.OfAsync(Platform, name, sample);
        (await app.PushAsync()).Succeeded();
        return app;
    }
}
