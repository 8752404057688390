using Microsoft.Playwright;

namespace Paas.Testing;

/// <summary>What all tests with a browser share: viewers that are closed at the end, a picture of the page where a test failed, and no complaint of
/// the browser that the test does not expect.</summary>
public abstract class BrowserTests(Platform platform, Browser browser) : IAsyncLifetime
{
    private readonly List<Viewer> _viewers = [];

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected Platform Platform => platform;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        var faults = new List<string>();
        foreach (var viewer in _viewers)
        {
            faults.AddRange(viewer.Faults);
            foreach (var page in failed ? viewer.Context.Pages : [])
            {
                await TellAsync(page);
            }

            await viewer.DisposeAsync();
        }

        GC.SuppressFinalize(this);
        Assert.True(faults.Count == 0, $"The browser complained:\n{string.Join('\n', faults)}");
    }

    /// <summary>A browser of somebody who is not signed in.</summary>
    protected async Task<Viewer> StrangerAsync()
    {
        var viewer = await browser.OpenAsync(platform, Cancelled);
        _viewers.Add(viewer);
        return viewer;
    }

    /// <summary>A browser of somebody who has signed in by a one-time link and is at the place.</summary>
    protected async Task<Viewer> SignedInAsync(string place = "/")
    {
        var viewer = await StrangerAsync();
        await viewer.SignInAsync(place);
        return viewer;
    }

    private static async Task TellAsync(IPage page)
    {
        var name = string.Concat(TestContext.Current.Test?.TestDisplayName.Split('(')[0].Split('.')[^1].Take(80) ?? "test");
        try
        {
            await Look.PictureAsync(page, $"failed-{name}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{page.Url} (failed-{name}.png)\n{await page.Locator("body").AriaSnapshotAsync()}");
        }
        catch (PlaywrightException error)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{page.Url}: {error.Message}");
        }
    }
}
