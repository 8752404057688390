using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>Config vars: seen by those who ask, changed after a review, by one hand at a time.</summary>
public sealed class ConfigTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task A_change_is_reviewed_before_it_makes_a_release()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        var viewer = await SignedInAsync($"/apps/{app.Name}/config");
        await viewer.Button("Add var").ClickAsync();
        await viewer.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("GREETING");
        await viewer.Page.GetByLabel("Value", new() { Exact = true }).FillAsync("Good evening");
        await viewer.Button("Review").ClickAsync();
        await Expect(viewer.Heading("Review: 1 change, not saved yet")).ToBeVisibleAsync();
        await Expect(viewer.Main).Not.ToContainTextAsync("Good evening");
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);

        await viewer.Button("Save 1 change").ClickAsync();
        await Expect(viewer.Link("See v2")).ToBeVisibleAsync();
        Assert.Equal($"Good evening from {app.Name} v2\n", (await app.VisitAsync()).Body);
        await Expect(viewer.Main).Not.ToContainTextAsync("Good evening");
        await viewer.Button("Reveal GREETING").ClickAsync();
        await Expect(viewer.Row("GREETING")).ToContainTextAsync("Good evening");
        await viewer.Button("Hide GREETING").ClickAsync();
        await Expect(viewer.Row("GREETING")).Not.ToContainTextAsync("Good evening");
    }

    [Fact]
    public async Task A_pasted_env_file_becomes_vars_and_hostile_values_stay_text()
    {
        await using var app = await PushedApp.CreateAsync(Platform, null);
        var viewer = await SignedInAsync($"/apps/{app.Name}/config");
        await viewer.Button("Paste .env").ClickAsync();
        await viewer.Page.GetByLabel("NAME=VALUE lines").FillAsync("# of a colleague\nexport KEY=\"two\nlines\"\nHTML=\"<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>\"\nMARKS=\"\u202Egnp.exe\"\n");
        await viewer.Button("Review").ClickAsync();
        await viewer.Button("Save 3 changes").ClickAsync();
        await Expect(viewer.Heading("Review: 3 changes, not saved yet")).ToHaveCountAsync(0);
        await viewer.Button("Reveal all values").ClickAsync();
        await Expect(viewer.Row("HTML")).ToContainTextAsync("<script>window.pwned = 1</script>");
        await Expect(viewer.Row("KEY")).ToContainTextAsync("two");
        Assert.False(await viewer.Page.EvaluateAsync<bool>("'pwned' in window"));
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_not_overwritten_unseen()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "answers");
        await app.SetAsync(("COLOUR", "red"));
        var viewer = await SignedInAsync($"/apps/{app.Name}/config");
        await viewer.Button("Edit COLOUR").ClickAsync();
        await viewer.Page.GetByLabel("New value of COLOUR").FillAsync("blue");
        await viewer.Button("Review").ClickAsync();
        await Expect(viewer.Button("Save 1 change")).ToBeEnabledAsync();

        var other = await SignedInAsync($"/apps/{app.Name}/config");
        await other.Button("Edit COLOUR").ClickAsync();
        await other.Page.GetByLabel("New value of COLOUR").FillAsync("green");
        await other.Button("Review").ClickAsync();
        await other.Button("Save 1 change").ClickAsync();
        await Expect(other.Button("Save 1 change")).ToHaveCountAsync(0);

        await Expect(viewer.Page.GetByText("Somebody else changed it since you began.")).ToBeVisibleAsync();
        await Expect(viewer.Button("Save 1 change")).ToBeDisabledAsync();
        await viewer.Button("Use mine for COLOUR").ClickAsync();
        await viewer.Button("Save 1 change").ClickAsync();
        await Expect(viewer.Heading("Review: 1 change, not saved yet")).ToHaveCountAsync(0);
        await viewer.Button("Reveal COLOUR").ClickAsync();
        await Expect(viewer.Row("COLOUR")).ToContainTextAsync("blue");
    }

    [Fact]
    public async Task Five_hundred_long_vars_are_found_by_name()
    {
        await using var app = await PushedApp.CreateAsync(Platform, null);
        await app.SetAsync([.. Enumerable.Range(0, 500).Select(number => ($"VAR_{number:000}", (string?)$"value {number} {new string('x', 480)}"))]);
        var viewer = await SignedInAsync($"/apps/{app.Name}/config");
        await Expect(viewer.Page.GetByText("500 vars")).ToBeVisibleAsync();
        await viewer.Button("Show 400 more").ClickAsync();
        await Expect(viewer.Row("VAR_499")).ToBeVisibleAsync();
        await viewer.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find" }).FillAsync("var_25");
        await Expect(viewer.Page.GetByText("10 vars of 500")).ToBeVisibleAsync();
        await viewer.Button("Reveal VAR_257").ClickAsync();
        await Expect(viewer.Row("VAR_257")).ToContainTextAsync("value 257");
    }
}
