using System.Net;
using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>What one does with an app that runs: its size, its domains, its name, its end.</summary>
public sealed class RoomsTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task Scaling_is_reviewed_and_its_instances_come_up_in_sight()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await SignedInAsync($"/apps/{app.Name}/instances");
        await Expect(viewer.Row("web.1")).ToContainTextAsync("Live");
        await viewer.Button("More web").ClickAsync();
        await Expect(viewer.Heading("Review: not applied yet")).ToBeVisibleAsync();
        await Expect(viewer.Row("web.2")).ToHaveCountAsync(0);
        await viewer.Button("Apply").ClickAsync();
        await Expect(viewer.Row("web.2")).ToContainTextAsync("Live");
        await Expect(viewer.Heading("Review: not applied yet")).ToHaveCountAsync(0);
        await Expect(viewer.Row("web.1")).ToContainTextAsync(" MB of 512");
    }

    [Fact]
    public async Task A_domain_is_added_refused_and_removed()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var domain = $"www.{app.Name}.example";
        var viewer = await SignedInAsync($"/apps/{app.Name}/domains");
        await viewer.Page.GetByLabel("Domain", new() { Exact = true }).FillAsync("http://not a domain/");
        await viewer.Button("Add domain").ClickAsync();
        await Expect(viewer.Main.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await viewer.Page.GetByLabel("Domain", new() { Exact = true }).FillAsync(domain);
        await viewer.Button("Add domain").ClickAsync();
        await Expect(viewer.Row(domain)).ToContainTextAsync("CNAME");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(domain));

        await viewer.Button($"Remove {domain}").ClickAsync();
        await viewer.Button($"Yes, remove {domain}").ClickAsync();
        await Expect(viewer.Row(domain)).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(domain));
    }

    [Fact]
    public async Task A_name_of_63_characters_fits_and_settings_are_judged_where_they_are_typed()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await SignedInAsync($"/apps/{app.Name}/settings");
        await viewer.Page.GetByLabel("Health path").FillAsync("no slash");
        await viewer.Button("Save Health check").ClickAsync();
        await Expect(viewer.Main.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await viewer.Page.GetByLabel("Health path").FillAsync("/up");
        await viewer.Button("Save Health check").ClickAsync();
        await Expect(viewer.Page.GetByText("Saved. It counts from the next deploy or restart.")).ToBeVisibleAsync();
        Assert.Equal("/up", (await app.ViewAsync()).Settings.HealthPath);

        var name = $"{app.Name}-{new string('x', 62 - app.Name.Length)}";
        await viewer.Page.GetByLabel("New name").FillAsync(name);
        await viewer.Button("Rename app").ClickAsync();
        await Expect(viewer.Page).ToHaveURLAsync($"{Platform.Url}/apps/{name}/settings");
        app.RenamedTo(name);
        var wrong = await Look.AtAsync(viewer.Page, "app-settings-long-name");
        await viewer.GoAsync("/");
        wrong.AddRange(await Look.AtAsync(viewer.Page, "apps-long-name"));
        await viewer.GoAsync($"/apps/{name}");
        wrong.AddRange(await Look.AtAsync(viewer.Page, "app-long-name"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Destroying_asks_for_the_name_and_is_written_down()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "hello-static");
        var viewer = await SignedInAsync($"/apps/{app.Name}/settings");
        var typed = viewer.Page.GetByLabel($"Type {app.Name} to go on");
        await Expect(viewer.Button("Destroy app")).ToBeDisabledAsync();
        await typed.FillAsync(app.Name[..^1]);
        await Expect(viewer.Button("Destroy app")).ToBeDisabledAsync();
        await typed.FillAsync(app.Name);
        await viewer.Button("Destroy app").ClickAsync();
        await Expect(viewer.Heading("Apps")).ToBeVisibleAsync();
        await Expect(viewer.Row(app.Name)).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync()).Status);

        await viewer.GoAsync("/activity");
        await Expect(viewer.Main).ToContainTextAsync($"Destroyed {app.Name}");
    }

    private async Task<HttpStatusCode> StatusAsync(string host)
    {
        using var visitor = Platform.Visitor();
        using var answer = await visitor.GetAsync(new Uri($"http://{host}:{Platform.Port}/"), Cancelled);
        return answer.StatusCode;
    }
}
