using Microsoft.Playwright;

namespace Paas.Testing;

/// <summary>Looks at a page as it is at 1440 and 390 px, light and dark: keeps a picture of each, and finds what breaks a rule of WCAG 2.2 AA or
/// scrolls sideways.</summary>
public static class Look
{
    public static readonly ViewportSize Wide = new() { Width = 1440, Height = 900 };

    public static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };

    private const string Rules = """
        async () => {
          const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] });
          return found.violations.map(rule => `${rule.id} (${rule.help}): ` + rule.nodes.slice(0, 3).map(node =>
            `${node.html.slice(0, 200)} ${node.any.concat(node.all, node.none).map(check => check.message).join(" ").slice(0, 300)}`).join(" | ") + (rule.nodes.length > 3 ? ` and ${rule.nodes.length - 3} more` : ""));
        }
        """;

    /// <summary>What a page's width hides: the widest element that reaches beyond it.</summary>
    private const string Sideways = """
        () => {
          const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
          if (over <= 0) return null;
          const widest = [...document.body.querySelectorAll("*")].sort((one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right)[0];
          return `scrolls ${over} px sideways: ${widest.outerHTML.slice(0, 200)}`;
        }
        """;

    private static readonly string Axe = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "axe.min.js"));

    /// <summary>Where pictures are kept: PAAS_TESTS_SCREENSHOTS, or beside the test program.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("PAAS_TESTS_SCREENSHOTS") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "screenshots");

    /// <returns>What is wrong, each with the page's name, width and colours; empty is good. The page is wide and light afterwards.</returns>
    /// <param name="name">Of the pictures: "apps", "deploy-failed".</param>
    public static async Task<List<string>> AtAsync(IPage page, string name)
    {
        var wrong = new List<string>();
        await page.EvaluateAsync(Axe);
        foreach (var size in (ViewportSize[])[Phone, Wide])
        {
            await page.SetViewportSizeAsync(size.Width, size.Height);
            foreach (var colours in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = colours });
                var title = $"{name}-{size.Width}-{(colours == ColorScheme.Dark ? "dark" : "light")}";
                await PictureAsync(page, title);
                wrong.AddRange((await page.EvaluateAsync<string[]>(Rules)).Select(rule => $"{title}: {rule}"));
                if (await page.EvaluateAsync<string?>(Sideways) is { } sideways)
                {
                    wrong.Add($"{title}: {sideways}");
                }
            }
        }

        return wrong;
    }

    public static Task PictureAsync(IPage page, string title) => page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{title}.png") });
}
