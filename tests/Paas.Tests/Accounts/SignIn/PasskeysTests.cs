using System.Net;
using System.Text.Json.Nodes;
using Paas.Testing;

namespace Paas.Accounts.SignIn;

public sealed class PasskeysTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_added_signs_in_without_a_name_and_is_removed()
    {
        await using var paas = await TestPaas.StartAsync();
        using var device = new SoftAuthenticator();
        using var browser = await paas.SignedInAsync();
        await AddAsync(browser, device);
        var page = await browser.PageAsync("/settings/account?done=passkey");
        Assert.Contains("The passkey is added", page, StringComparison.Ordinal);
        Assert.Contains("not used yet", page, StringComparison.Ordinal);

        using var other = paas.Browser();
        using var signedIn = await SignInAsync(other, device, other.OwnOrigin);
        Assert.Equal((HttpStatusCode.SeeOther, "/apps/hello"), (signedIn.StatusCode, signedIn.Headers.Location?.ToString()));
        page = await other.PageAsync("/settings/account");
        Assert.Contains("by passkey", page, StringComparison.Ordinal);

        using (var removed = await other.SubmitAsync("/settings/account", "/settings/account/passkeys/1/remove"))
        {
            Assert.Equal("/settings/account?done=passkey-removed", removed.Headers.Location?.ToString());
        }

        using var gone = await SignInAsync(paas.Browser(), device, other.OwnOrigin);
        Assert.Equal(HttpStatusCode.BadRequest, gone.StatusCode);
    }

    [Theory]
    [InlineData("http://evil.127.0.0.1")]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task An_answer_given_to_another_origin_signs_nobody_in(string origin)
    {
        await using var paas = await TestPaas.StartAsync();
        using var device = new SoftAuthenticator();
        using var browser = await paas.SignedInAsync();
        await AddAsync(browser, device);
        using var other = paas.Browser();
        using var refused = await SignInAsync(other, device, origin);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("does not sign in here", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Null(other.Session);
    }

    [Fact]
    public async Task A_strangers_passkey_and_nonsense_sign_nobody_in()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        using var known = new SoftAuthenticator();
        await AddAsync(browser, known);
        using var unknown = new SoftAuthenticator();
        using var other = paas.Browser();
        using var refused = await SignInAsync(other, unknown, other.OwnOrigin);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        foreach (var credential in new[] { "", "{}", "[]", "null", "{\"id\":1}", "not json" })
        {
            var (ticket, _) = await BeginAsync(other, "/signin", "/signin/passkey/options");
            using var nonsense = await other.SubmitAsync("/signin", "/signin/passkey", ("ticket", ticket), ("credential", credential));
            Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        }
    }

    [Fact]
    public async Task A_ticket_works_once_for_five_minutes_and_for_one_thing()
    {
        var time = new ManualTime(new DateTimeOffset(2126, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton<TimeProvider>(time));
        using var device = new SoftAuthenticator();
        using var browser = await paas.SignedInAsync();
        await AddAsync(browser, device);

        using var other = paas.Browser();
        var (ticket, options) = await BeginAsync(other, "/signin", "/signin/passkey/options");
        (string, string)[] answer = [("ticket", ticket), ("credential", device.Get(options, other.OwnOrigin))];
        using (var first = await other.SubmitAsync("/signin", "/signin/passkey", answer))
        using (var again = await other.SubmitAsync("/signin", "/signin/passkey", answer))
        {
            Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.BadRequest), (first.StatusCode, again.StatusCode));
        }

        (ticket, options) = await BeginAsync(other, "/signin", "/signin/passkey/options");
        time.Advance(TimeSpan.FromMinutes(6));
        using (var late = await other.SubmitAsync("/signin", "/signin/passkey", ("ticket", ticket), ("credential", device.Get(options, other.OwnOrigin))))
        {
            Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        }

        (ticket, options) = await BeginAsync(browser, "/settings/account", "/settings/account/passkeys/options");
        using var wrongDoor = await other.SubmitAsync("/signin", "/signin/passkey", ("ticket", ticket), ("credential", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, wrongDoor.StatusCode);
    }

    [Fact]
    public async Task A_challenge_needs_the_pages_own_form()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = paas.Browser();
        using var bare = await browser.PostAsync("/signin/passkey/options");
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
    }

    private static async Task AddAsync(Browser browser, SoftAuthenticator device)
    {
        var (ticket, options) = await BeginAsync(browser, "/settings/account", "/settings/account/passkeys/options");
        using var added = await browser.SubmitAsync(
            "/settings/account", "/settings/account/passkeys", ("ticket", ticket), ("credential", device.Create(options, browser.OwnOrigin)));
        Assert.Equal((HttpStatusCode.SeeOther, "/settings/account?done=passkey"), (added.StatusCode, added.Headers.Location?.ToString()));
    }

    private static async Task<HttpResponseMessage> SignInAsync(Browser browser, SoftAuthenticator device, string origin)
    {
        var (ticket, options) = await BeginAsync(browser, "/signin", "/signin/passkey/options");
        return await browser.SubmitAsync("/signin", "/signin/passkey", ("ticket", ticket), ("credential", device.Get(options, origin)), ("return", "/apps/hello"));
    }

    private static async Task<(string Ticket, string Options)> BeginAsync(Browser browser, string page, string path)
    {
        using var begun = await browser.SubmitAsync(page, path);
        Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
        var ceremony = JsonNode.Parse(await begun.Content.ReadAsStringAsync(Token))!;
        return ((string)ceremony["ticket"]!, (string)ceremony["options"]!);
    }
}
