using System.Text.Json.Nodes;
using Paas.Apps;
using Paas.Client;
using Paas.Dashboard.Pages.Stack;
using Paas.Patching;

namespace Paas.Dashboard;

/// <summary>The room of the base image, and what is inside releases, as the first rendering has them.</summary>
public sealed class StackPagesTests
{
    [Fact]
    public async Task The_room_shows_the_run_image_its_packages_and_who_stands_on_an_older_one()
    {
        await using var lab = await StackLab.StartAsync();
        var app = lab.Live.Get<AppStore>().All().Single();
        await lab.DeployAsync(app, await lab.Images.AppAsync(await lab.NewBaseAsync("1")));
        var fresh = await lab.NewBaseAsync("2");
        using var browser = await lab.Live.Paas.SignedInAsync();

        var before = await browser.PageAsync("/stack");
        await lab.UpdateAsync();
        var after = await browser.PageAsync("/stack");

        Assert.Contains("1 app stands on an older run image.", before, StringComparison.Ordinal);
        Assert.Contains(fresh.Digest.ToString(), before, StringComparison.Ordinal);
        Assert.Contains("See what would change", before, StringComparison.Ordinal);
        Assert.Contains("Every app that is built here stands on the newest run image.", after, StringComparison.Ordinal);
        Assert.Contains("Rebased 1 app.", after, StringComparison.Ordinal);
        Assert.Contains("v2 to v3", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_is_found_in_releases_and_a_release_says_what_is_inside()
    {
        await using var lab = await StackLab.StartAsync();
        await lab.DeployAsync(lab.Live.Get<AppStore>().All().Single(), await lab.Images.AppAsync(await lab.NewBaseAsync("1.26"), label => label["sbom"] = new JsonObject()));
        using var browser = await lab.Live.Paas.SignedInAsync();

        var found = await browser.PageAsync("/packages?name=nginx");
        var release = await browser.PageAsync("/apps/hello/releases/2");

        Assert.Contains("href=\"/apps/hello/releases/2\"", found, StringComparison.Ordinal);
        Assert.Contains("1.26", found, StringComparison.Ordinal);
        Assert.Contains("No release of the team&#x27;s apps contains left-pad.", await browser.PageAsync("/packages?name=left-pad"), StringComparison.Ordinal);
        Assert.Contains("href=\"/api/v1/apps/hello/releases/2/sbom\"", release, StringComparison.Ordinal);
        Assert.Contains("\"bomFormat\":\"CycloneDX\"", await browser.PageAsync("/api/v1/apps/hello/releases/2/sbom"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packages", "Asking Debian's mirrors what is newer.")]
    [InlineData("make", "Making the base images; this takes minutes.")]
    [InlineData("rebase", "Making every app's image anew.")]
    [InlineData("rollout", "Rolling out: 1 of 2 apps are done.")]
    public void Each_step_is_a_sentence(string step, string sentence)
    {
        var update = new StackUpdateView(
            1, "running", step, "ada", DateTimeOffset.UnixEpoch, null, null, null, null, [], [new("a", "rebased", 1, 2, null), new("b", "rolling", 1, null, null), new("c", "skipped", null, null, "x")], [], null);

        Assert.Equal(sentence, StackText.Doing(update));
    }
}
