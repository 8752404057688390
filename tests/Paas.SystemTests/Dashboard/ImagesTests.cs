using Microsoft.Playwright;
using Paas.Deploys;
using Paas.Oci;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;
using Platform = Paas.Testing.Platform;

namespace Paas.Dashboard;

/// <summary>An image of somebody else's registry, deployed without a terminal.</summary>
public sealed class ImagesTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    [Fact]
    public async Task A_private_image_is_deployed_after_a_login_at_its_registry_was_added()
    {
        await using var theirs = await PrivateRegistry.StartAsync();
        using var images = new ForeignImages();
        var image = await images.MakeAsync(new RunConfig { User = "101:102", Entrypoint = ["/pushed", "serve", "8080"], Env = ["PAGE=browser"] });
        (await images.PushAsync(image, $"{theirs.Host}/team/app:main", PrivateRegistry.Credentials)).Succeeded();
        await using var app = await PushedApp.CreateAsync(Platform, null);
        var viewer = await SignedInAsync("/registry");
        var page = viewer.Page;

        await page.GetByText("Add a login", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Registry", new() { Exact = true }).FillAsync($"http://{theirs.Host}");
        await page.GetByLabel("User", new() { Exact = true }).FillAsync("me");
        await page.GetByLabel("Password or token").FillAsync("wrong");
        await viewer.Button("Sign in").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("does not accept this user name and password");
        await page.GetByLabel("Password or token").FillAsync(PrivateRegistry.Password);
        await viewer.Button("Sign in").ClickAsync();
        await Expect(viewer.Row(theirs.Host)).ToContainTextAsync("me");

        await viewer.GoAsync($"/apps/{app.Name}/deploys");
        await page.GetByText("Deploy an image", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Image", new() { Exact = true }).FillAsync($"http://{theirs.Host}/team/app:main");
        await Look.AtAsync(page, "deploy-image");
        await viewer.Button("Deploy image").ClickAsync();
        await Expect(page.GetByText("serves now")).ToBeVisibleAsync();
        Assert.Equal("uid=101 PORT=8080 page=browser", (await app.VisitAsync()).Body);

        await viewer.GoAsync("/registry");
        await viewer.Button($"Remove the login at {theirs.Host}").ClickAsync();
        await viewer.Button($"Yes, remove the login at {theirs.Host}").ClickAsync();
        await Expect(viewer.Row(theirs.Host)).ToHaveCountAsync(0);
    }
}
