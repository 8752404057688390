using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Paas.Client;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>What an app says, as one reads it.</summary>
public sealed class LogsTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    /// <summary>How far the lines are scrolled, in px.</summary>
    private const string Place = "it => it.scrollTop";

    private const string IsAtEnd = "it => it.scrollTop + it.clientHeight >= it.scrollHeight - 2";

    [Fact]
    public async Task Lines_come_as_they_are_said_and_are_searched()
    {
        await using var app = await PushedApp.CreateAsync(Platform, "answers");
        await app.WriteAsync("Procfile", "web: perl server.pl\nworker: for i in 1 2 3 4 5; do echo needle $i; done; while :; do echo tick; sleep 1; done\n");
        await app.CommitAsync("A worker");
        (await app.PushAsync()).Succeeded();
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) });
        var viewer = await SignedInAsync($"/apps/{app.Name}/logs");
        var lines = viewer.Page.GetByRole(AriaRole.Region, new() { Name = "Log lines" });
        await Expect(lines).ToContainTextAsync("tick");
        await viewer.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search the log" }).FillAsync("needle");
        await Expect(viewer.Page.GetByRole(AriaRole.Status).Filter(new() { HasTextRegex = new("5$") })).ToBeVisibleAsync();
        await viewer.Button("Next match").ClickAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Status).Filter(new() { HasTextRegex = new("of 5$") })).ToBeVisibleAsync();
        await Expect(lines).ToContainTextAsync("needle");
    }

    [Fact]
    public async Task Who_scrolls_up_keeps_the_place_and_is_told_of_new_lines_until_back_at_the_end()
    {
        await using var app = await CountingApp.LiveAsync(Platform);
        var viewer = await SignedInAsync($"/apps/{app.Name}/logs");
        var (page, lines) = (viewer.Page, CountingApp.Lines(viewer.Page));
        var newLines = page.GetByRole(AriaRole.Button, new() { NameRegex = new("^[0-9,]+ new lines?$") });
        await app.UntilAsync("the view is full", async () => await CountingApp.NewestAsync(page) > CountingApp.AtOnce);
        Assert.True(await lines.EvaluateAsync<bool>(IsAtEnd));
        await lines.HoverAsync();
        await page.Mouse.WheelAsync(0, -2000);
        await Expect(newLines).ToBeVisibleAsync();
        var (place, newest) = (await lines.EvaluateAsync<double>(Place), await CountingApp.NewestAsync(page));
        Assert.InRange(place, 1, double.MaxValue);
        await app.UntilAsync("more is said", async () => await CountingApp.NewestAsync(page) > newest + 30);
        Assert.Equal(place, await lines.EvaluateAsync<double>(Place));
        await Expect(newLines).ToHaveTextAsync(new Regex("^([3-9][0-9]|[0-9,]{3,}) new lines$"));

        await newLines.ClickAsync();
        await Expect(newLines).ToBeHiddenAsync();
        newest = await CountingApp.NewestAsync(page);
        await app.UntilAsync("more is said", async () => await CountingApp.NewestAsync(page) > newest + 30);
        Assert.True(await lines.EvaluateAsync<bool>(IsAtEnd));
        await Expect(newLines).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Hostile_output_is_text()
    {
        await using var app = await PushedApp.CreateAsync(Platform, "answers");
        await app.WriteAsync("hostile.sh", """
            printf '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">\n'
            printf '\033]0;pwned\007\033[2J\033[1;1H\033[31mred\033[0m plain\n'
            printf '\342\200\256gnp.exe\342\200\254 marks\n'
            printf 'nul \000 bell \007 \377\376 bytes\n'
            perl -e 'print "long ", "x" x 1000000, " end\n"'
            printf 'the last line\n'
            exec perl server.pl
            """);
        await app.WriteAsync("Procfile", "web: sh hostile.sh\n");
        await app.CommitAsync("<script>window.pwned = 1</script> \u202Eevil <img src=x onerror='window.pwned = 1'>");
        (await app.PushAsync()).Succeeded();
        var viewer = await SignedInAsync($"/apps/{app.Name}/logs");
        var lines = viewer.Page.GetByRole(AriaRole.Region, new() { Name = "Log lines" });
        await Expect(lines).ToContainTextAsync("the last line");
        await Expect(lines).ToContainTextAsync("<script>window.pwned = 1</script>");
        await Expect(lines).ToContainTextAsync("red plain");
        await Look.PictureAsync(viewer.Page, "logs-hostile");
        foreach (var place in (string[])["/", $"/apps/{app.Name}", $"/apps/{app.Name}/deploys", $"/apps/{app.Name}/deploys/1", $"/apps/{app.Name}/releases", $"/apps/{app.Name}/activity"])
        {
            await viewer.GoAsync(place);
            Assert.False(await viewer.Page.EvaluateAsync<bool>("'pwned' in window"), place);
        }
    }
}
