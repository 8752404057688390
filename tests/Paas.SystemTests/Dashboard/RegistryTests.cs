using Microsoft.Playwright;
using Paas.Client;
using Paas.Registry;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>The registry's places: what is pushed shows up by itself, and what one may remove goes.</summary>
public sealed class RegistryTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task A_push_shows_up_by_itself_and_a_tag_is_removed_after_a_yes()
    {
        await using var lab = ClientLab.Start(Platform);
        var repository = lab.Repository();
        var viewer = await SignedInAsync("/registry");
        await lab.PushAsync(repository, "1.0");
        await viewer.Link(repository).ClickAsync();
        await Expect(viewer.Page.GetByText($"docker pull localhost:{Platform.Port}/{repository}:1.0")).ToBeVisibleAsync();
        await lab.PushAsync(repository, "1.1");
        await Expect(viewer.Link("1.1")).ToBeVisibleAsync();

        await viewer.Button("Remove 1.0").ClickAsync();
        await viewer.Button("Keep 1.0").ClickAsync();
        await viewer.Button("Remove 1.0").ClickAsync();
        await viewer.Button("Yes, remove 1.0").ClickAsync();
        await Expect(viewer.Link("1.0")).ToHaveCountAsync(0);
        await Expect(viewer.Link("1.1")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_repository_is_made_public_gets_rules_and_is_removed_with_its_name_typed()
    {
        await using var lab = ClientLab.Start(Platform);
        var repository = lab.Repository();
        await lab.PushAsync(repository, "1.0");
        var viewer = await SignedInAsync($"/registry/{repository}");
        var page = viewer.Page;
        await page.GetByLabel("Public: whoever asks may pull").CheckAsync();
        await page.GetByLabel("Newest tags").FillAsync("10");
        await page.GetByLabel("Tags like").FillAsync("v[");
        await viewer.Button("Save").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'*' and '?'");
        await page.GetByLabel("Tags like").FillAsync("v*");
        await viewer.Button("Save").ClickAsync();
        await Expect(page.GetByText("Saved: everybody may pull; a collection leaves the newest 10 tags, those like v*.")).ToBeVisibleAsync();
        Assert.True((await Platform.GetAsync<RepositoryView>($"/registry/repositories/{repository}", Cancelled)).Public);

        await page.GetByLabel($"Type {repository} to go on").FillAsync(repository);
        await viewer.Button("Remove repository").ClickAsync();
        await Expect(viewer.Heading("Registry")).ToBeVisibleAsync();
        await Expect(viewer.Link(repository)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_a_collection_would_take_is_seen_before_it_does()
    {
        await using var lab = ClientLab.Start(Platform);
        var repository = lab.Repository();
        await lab.PushAsync(repository, "1.0");
        await lab.PushAsync(repository, "1.1");
        var (status, body) = await Platform.SendAsync(HttpMethod.Patch, $"/registry/repositories/{repository}", new UpdateRepository { KeepLast = 1 }, Cancelled);
        Assert.True((int)status == 200, body);
        var viewer = await SignedInAsync("/registry");
        await viewer.Button("See what can go").ClickAsync();
        await Expect(viewer.Page.GetByText("Would remove")).ToBeVisibleAsync();
        await Expect(viewer.Row(repository).GetByText("1.0")).ToBeVisibleAsync();
        Assert.Empty(await Look.AtAsync(viewer.Page, "registry-collection"));
        Assert.Equal(2, (await Platform.GetAsync<TagView[]>($"/registry/tags/{repository}", Cancelled)).Length);
    }

    [Fact]
    public async Task From_a_release_one_comes_to_its_layers_and_which_buildpack_made_them()
    {
        await using var app = await PushedApp.LiveAsync(Platform, "hello-node");
        var viewer = await SignedInAsync($"/apps/{app.Name}/releases/1");
        var image = (await Platform.GetAsync<ReleaseView>($"/apps/{app.Name}/releases/1", Cancelled)).Image;
        await viewer.Link(image[7..19]).ClickAsync();
        await Expect(viewer.Heading("Layers")).ToBeVisibleAsync();
        await Expect(viewer.Row("paas/node ").First).ToBeVisibleAsync();
        await Expect(viewer.Row("your app").First).ToBeVisibleAsync();
        await viewer.Page.GetByText("Manifest as it was pushed").ClickAsync();
        await Expect(viewer.Page.GetByLabel("Manifest", new() { Exact = true })).ToContainTextAsync("\"schemaVersion\": 2");
        Assert.Empty(await Look.AtAsync(viewer.Page, "image-of-release"));
        // After the tag of that name.
        await viewer.Link("v1").Last.ClickAsync();
        await Expect(viewer.Heading("Release v1")).ToBeVisibleAsync();
    }
}
