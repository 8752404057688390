using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Paas.Testing.Browser))]

namespace Paas.Testing;

/// <summary>One chromium for all tests of the dashboard: the machine's own, started by the first of them.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string? Program = Array.Find(["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"], File.Exists);

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Null when there is one; else why tests skip.</summary>
    public static string? Missing { get; } = Program is null ? "no chromium on this machine: apt-get install chromium" : null;

    /// <summary>A visitor with cookies of their own; nobody yet.</summary>
    public async Task<Viewer> OpenAsync(Platform platform, CancellationToken cancellationToken)
    {
        platform.SkipIfMissing();
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        var browser = await StartedAsync(cancellationToken);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = Look.Wide,
            ColorScheme = ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(Viewer.Patience);
        return new Viewer(platform, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }

    /// <summary>Started anew when the last one has died.</summary>
    private async Task<IBrowser> StartedAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_browser is { IsConnected: true } running)
            {
                return running;
            }

            Assertions.SetDefaultExpectTimeout(Viewer.Patience);
            _playwright ??= await Playwright.CreateAsync();
            return _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Program,
                Timeout = 2 * Viewer.Patience,
                // *.localhost is this machine, whatever proxy its environment names.
                Args = ["--no-proxy-server", "--disable-gpu", "--force-color-profile=srgb"],
            });
        }
        finally
        {
            _starting.Release();
        }
    }
}
