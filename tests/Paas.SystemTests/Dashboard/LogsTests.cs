using Microsoft.Playwright;
using Paas.Client;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>What an app says, as one reads it.</summary>
public sealed class LogsTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
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
