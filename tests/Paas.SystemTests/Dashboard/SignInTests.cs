using Microsoft.Playwright;
using Paas.Testing;
using static Microsoft.Playwright.Assertions;

namespace Paas.Dashboard;

/// <summary>The ways in and out. They end sessions of everybody: on a platform of their own.</summary>
[Collection(OwnPlatform.Name)]
public sealed class SignInTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    private const string Password = "four words in a row";

    [Fact]
    public async Task A_one_time_link_signs_in_once()
    {
        var viewer = await StrangerAsync();
        var link = await viewer.LinkAsync();
        await viewer.Page.GotoAsync(link);
        Assert.Empty(await Look.AtAsync(viewer.Page, "signin-link"));
        await viewer.Button("Sign in as admin").ClickAsync();
        await Expect(viewer.Heading("Apps")).ToBeVisibleAsync();

        var late = await StrangerAsync();
        late.Expect("status of 410");
        await late.Page.GotoAsync(link);
        await Expect(late.Heading("This link does not work any more")).ToBeVisibleAsync();
        await Expect(late.Page.GetByText("It was used already, or is older than 15 minutes")).ToBeVisibleAsync();
        Assert.Empty(await Look.AtAsync(late.Page, "signin-link-over"));
    }

    [Fact]
    public async Task A_place_that_was_asked_for_is_reached_after_signing_in_by_password()
    {
        var viewer = await SignedInAsync("/");
        await SetPasswordAsync(viewer);
        await viewer.Button("Sign out").ClickAsync();
        await Expect(viewer.Heading("Sign in")).ToBeVisibleAsync();
        Assert.Empty(await Look.AtAsync(viewer.Page, "signin"));

        await viewer.OpenAsync("/apps/new");
        await TypePasswordAsync(viewer, "admin", Password);
        await Expect(viewer.Heading("New app")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task After_ten_wrong_passwords_none_is_taken_and_a_link_still_signs_in()
    {
        await SetPasswordAsync(await SignedInAsync("/"));
        var viewer = await StrangerAsync();
        viewer.Expect("status of 400", "status of 429");
        await viewer.OpenAsync("/signin");
        for (var tries = 0; tries < 10; tries++)
        {
            await TypePasswordAsync(viewer, "admin", $"wrong {tries} and long enough");
            await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The user name or the password is wrong.");
        }

        await TypePasswordAsync(viewer, "admin", Password);
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Too many wrong passwords: none is taken until");
        await viewer.SignInAsync();
        await Expect(viewer.Heading("Apps")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_passkey_is_added_and_signs_in()
    {
        var viewer = await SignedInAsync("/");
        var device = await viewer.Context.NewCDPSessionAsync(viewer.Page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await viewer.OpenAsync("/settings/account");
        await viewer.Button("Add a passkey").ClickAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the passkey" }).First).ToBeVisibleAsync();
        Assert.Empty(await Look.AtAsync(viewer.Page, "account"));

        await viewer.Button("Sign out").ClickAsync();
        await viewer.Button("Sign in with a passkey").ClickAsync();
        await Expect(viewer.Heading("Apps")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_pages_that_are_open_elsewhere()
    {
        var elsewhere = await SignedInAsync("/apps/new");
        var viewer = await SignedInAsync("/");
        await viewer.OpenAsync("/settings/account");
        await viewer.Button("Sign out everywhere").ClickAsync();
        await Expect(viewer.Heading("Sign in")).ToBeVisibleAsync();
        await ExpectSignedOutAsync(elsewhere);
    }

    [Fact]
    public async Task A_session_that_is_ended_takes_its_open_page_to_the_sign_in_page()
    {
        var viewer = await SignedInAsync("/");
        await viewer.OpenAsync("/settings/account");
        var ends = viewer.Page.GetByRole(AriaRole.Button, new() { Name = "End the session of" });
        var before = await ends.CountAsync();
        var elsewhere = await SignedInAsync("/apps/new");
        await viewer.Page.ReloadAsync();
        await Expect(ends).ToHaveCountAsync(before + 1);
        while (await ends.CountAsync() is > 0 and var left)
        {
            await ends.First.ClickAsync();
            await Expect(ends).ToHaveCountAsync(left - 1);
        }

        await ExpectSignedOutAsync(elsewhere);
        await viewer.GoAsync("/");
    }

    [Fact]
    public async Task Without_cookies_the_form_says_what_it_needs()
    {
        var viewer = await StrangerAsync();
        viewer.Expect("status of 400");
        await viewer.Page.GotoAsync(await viewer.LinkAsync());
        // As a browser that keeps none.
        await viewer.Context.ClearCookiesAsync();
        await viewer.Button("Sign in as admin").ClickAsync();
        await Expect(viewer.Heading("That form is out of date")).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByText("Allow cookies, open the page again")).ToBeVisibleAsync();
    }

    /// <summary>The page says so, and signing in leads back to where it was. The browser tells that it was cut off and not let in again.</summary>
    private static async Task ExpectSignedOutAsync(Viewer viewer)
    {
        viewer.Expect("status of 401", "signed_out", "WebSocket closed");
        await Expect(viewer.Heading("Sign in")).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("You were signed out.");
        Assert.Contains("apps%2Fnew", viewer.Page.Url, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task SetPasswordAsync(Viewer viewer)
    {
        await viewer.OpenAsync("/settings/account");
        await viewer.Page.GetByLabel("New password (at least 12 characters)").FillAsync(Password);
        await viewer.Page.GetByLabel("New password again").FillAsync(Password);
        await viewer.Button("Set password").ClickAsync();
        await Expect(viewer.Page.GetByText("A password is set.")).ToBeVisibleAsync();
    }

    private static async Task TypePasswordAsync(Viewer viewer, string user, string password)
    {
        await viewer.Page.GetByLabel("User name").FillAsync(user);
        await viewer.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await viewer.Button("Sign in").ClickAsync();
    }
}
