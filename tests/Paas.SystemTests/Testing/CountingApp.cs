using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Paas.Testing;

/// <summary>An app that says a number on a line of its own ten times a second, and what of it a log view holds.</summary>
public static partial class CountingApp
{
    /// <summary>How many numbers it says at once before it goes on slowly: several views full.</summary>
    public const int AtOnce = 300;

    // The view's own button copies all lines that it holds. What it writes goes here, not to the clipboard that all pages of all tests share.
    private const string Keep = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }";

    /// <returns>The app, pushed and live.</returns>
    public static async Task<PushedApp> LiveAsync(Platform platform)
    {
        var app = await PushedApp.CreateAsync(platform, "answers");
        await app.WriteAsync("count.pl", $$"""
            $| = 1;
            for (my $said = 1; ; $said++) {
              printf "said %06d\n", $said;
              select undef, undef, undef, 0.1 if $said > {{AtOnce}};
            }
            """);
        await app.WriteAsync("Procfile", "web: perl count.pl & exec perl server.pl\n");
        await app.CommitAsync("Count");
        (await app.PushAsync()).Succeeded();
        return app;
    }

    public static ILocator Lines(IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Log lines" });

    /// <summary>The numbers that the view holds, as it has them, in sight or not.</summary>
    public static async Task<List<int>> NumbersAsync(IPage page)
    {
        await page.EvaluateAsync(Keep);
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy lines" }).ClickAsync();
        await page.WaitForFunctionAsync("() => window.copied !== undefined");
        var copied = await page.EvaluateAsync<string>("() => { const text = window.copied; delete window.copied; return text; }");
        return [.. Said().Matches(copied).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    /// <summary>The newest number that the view holds; 0 while there is none, or the page is on its way back.</summary>
    public static async Task<int> NewestAsync(IPage page)
    {
        try
        {
            return (await NumbersAsync(page)).LastOrDefault();
        }
        catch (PlaywrightException)
        {
            return 0;
        }
    }

    [GeneratedRegex("^said ([0-9]{6})\r?$", RegexOptions.Multiline)]
    private static partial Regex Said();
}
