using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Accounts.SignIn;

public sealed class AccountEndpointsTests
{
    private const string Good = "correct horse battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_is_set_after_signing_in_and_signs_in_from_then_on()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        await SetPasswordAsync(browser, Good);

        using var other = paas.Browser();
        using var signedIn = await other.SubmitAsync("/signin", null, ("user", "admin"), ("password", Good), ("return", "/apps/hello"));
        Assert.Equal((HttpStatusCode.SeeOther, "/apps/hello"), (signedIn.StatusCode, signedIn.Headers.Location?.ToString()));
        Assert.NotNull(other.Session);
        Assert.Equal(["password", "link"], (await paas.Api.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>()).Select(session => session.Method));
    }

    [Fact]
    public async Task An_unknown_name_and_a_wrong_password_get_the_same_answer()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        await SetPasswordAsync(browser, Good);
        using var stranger = paas.Browser();
        var pages = new List<string>();
        foreach (var name in new[] { "admin", "nobody" })
        {
            using var wrong = await stranger.SubmitAsync("/signin", null, ("user", name), ("password", "something else entirely"));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            var page = await wrong.Content.ReadAsStringAsync(Token);
            Assert.Contains("The user name or the password is wrong.", page, StringComparison.Ordinal);
            Assert.DoesNotContain("something else", page, StringComparison.Ordinal);
            pages.Add(page.Replace(Browser.TokenIn(page), "", StringComparison.Ordinal).Replace(name, "", StringComparison.Ordinal));
        }

        Assert.Equal(WithoutTokens(pages[0]), WithoutTokens(pages[1]));
        Assert.Null(stranger.Session);
    }

    [Fact]
    public async Task After_ten_wrong_passwords_the_right_one_waits_15_minutes_and_a_link_does_not()
    {
        var time = new ManualTime(new DateTimeOffset(2126, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton<TimeProvider>(time));
        using var browser = await paas.SignedInAsync();
        await SetPasswordAsync(browser, Good);
        using var other = paas.Browser();
        var token = ("__RequestVerificationToken", await other.TokenOfAsync("/signin"));
        for (var number = 0; number < 10; number++)
        {
            using var wrong = await other.PostAsync("/signin", token, ("user", "admin"), ("password", $"wrong {number}"));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }

        using (var locked = await other.PostAsync("/signin", token, ("user", "admin"), ("password", Good)))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);
            var page = await locked.Content.ReadAsStringAsync(Token);
            Assert.Contains("none is taken until 12:15 UTC", page, StringComparison.Ordinal);
            Assert.Contains("paas login --browser", page, StringComparison.Ordinal);
        }

        using (await paas.SignedInAsync())
        {
            time.Advance(TimeSpan.FromMinutes(15));
        }

        using var right = await other.PostAsync("/signin", token, ("user", "admin"), ("password", Good));
        Assert.Equal(HttpStatusCode.SeeOther, right.StatusCode);
    }

    [Theory]
    [InlineData("short", "short", "at least 12 characters")]
    [InlineData("admin1234567", "admin1234567", null)]
    [InlineData("Adminadmin12", "Adminadmin12", "easy to guess")]
    [InlineData("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "easy to guess")]
    [InlineData("xxxadminxxxx", "xxxadminxxxx", "easy to guess")]
    [InlineData(Good, "correct horse battery stable", "not the same")]
    public async Task A_weak_password_is_refused_with_what_to_do(string password, string again, string? sentence)
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        using var answer = await browser.SubmitAsync("/settings/account", "/settings/account/password", ("password", password), ("again", again));
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(sentence is null ? HttpStatusCode.SeeOther : HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence ?? "", page, StringComparison.Ordinal);
        Assert.DoesNotContain(again, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_a_password_signs_everybody_else_out_and_ends_their_links()
    {
        await using var paas = await TestPaas.StartAsync();
        using var elsewhere = await paas.SignedInAsync();
        using var browser = await paas.SignedInAsync();
        var link = await SignInEndpointsTests.LinkAsync(paas);
        await SetPasswordAsync(browser, Good);
        using (var page = await elsewhere.GetAsync("/settings/account"))
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/signin?problem=ended&return=%2Fsettings%2Faccount"), (page.StatusCode, page.Headers.Location?.ToString()));
        }

        await elsewhere.PageAsync(link, HttpStatusCode.Gone);
        await browser.PageAsync("/settings/account");
    }

    [Fact]
    public async Task An_old_session_needs_the_current_password_for_a_new_one_and_a_new_sign_in_for_a_passkey()
    {
        var time = new ManualTime(new DateTimeOffset(2126, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton<TimeProvider>(time));
        using var browser = await paas.SignedInAsync();
        time.Advance(TimeSpan.FromMinutes(15));
        using (var late = await browser.SubmitAsync("/settings/account", "/settings/account/password", ("password", Good), ("again", Good)))
        {
            Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        }

        using var fresh = await paas.SignedInAsync();
        await SetPasswordAsync(fresh, Good);
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Contains("Current password", await fresh.PageAsync("/settings/account"), StringComparison.Ordinal);
        foreach (var (current, status) in new[] { ("wrong", HttpStatusCode.BadRequest), (Good, HttpStatusCode.SeeOther) })
        {
            using var change = await fresh.SubmitAsync("/settings/account", "/settings/account/password", ("current", current), ("password", Good + " two"), ("again", Good + " two"));
            Assert.Equal(status, change.StatusCode);
        }

        using var passkey = await fresh.SubmitAsync("/settings/account", "/settings/account/passkeys/options");
        Assert.Equal(HttpStatusCode.Forbidden, passkey.StatusCode);
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all()
    {
        await using var paas = await TestPaas.StartAsync();
        using var here = await paas.SignedInAsync();
        using var phone = paas.Browser();
        phone.UserAgent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
        using (await phone.SubmitAsync(await SignInEndpointsTests.LinkAsync(paas), null))
        {
        }

        var page = await here.PageAsync("/settings/account");
        Assert.Contains("Firefox on Linux</strong> (this browser), from 127.0.0.1 by link", page, StringComparison.Ordinal);
        Assert.Contains("Chrome on Android</strong>, from 127.0.0.1", page, StringComparison.Ordinal);

        var sessions = await paas.Api.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>();
        Assert.Equal(2, sessions.Length);
        Assert.All(sessions, session => Assert.False(session.Current));
        var stranger = paas.OtherTeam("strangers");
        Assert.Empty(await stranger.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>());
        Assert.Equal("session_not_found", (await stranger.DeleteAsync($"/api/v1/sessions/{sessions[0].Id}", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);

        var other = sessions.Single(session => session.Device == "Chrome on Android");
        using (await here.SubmitAsync("/settings/account", $"/settings/account/sessions/{other.Id}/end"))
        {
        }

        using (var gone = await phone.GetAsync("/settings/account"))
        {
            Assert.Equal(HttpStatusCode.SeeOther, gone.StatusCode);
        }

        using (var all = await here.SubmitAsync("/settings/account", "/settings/account/sessions/end"))
        {
            Assert.Equal("/signin", all.Headers.Location?.ToString());
        }

        Assert.Empty(await paas.Api.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>());
    }

    [Fact]
    public async Task A_session_that_ends_takes_its_tokens_and_open_streams_along_and_still_gets_its_answer()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        var session = paas.Services.GetRequiredService<Sessions>().Find(browser.Session!.Value)!;
        var dashboard = paas.ClientOf(paas.Services.GetRequiredService<SessionTokens>().Mint(session.Id));
        Assert.Equal(new WhoAmI("admin", "default", "browser session"), await dashboard.GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>());
        Assert.True((await dashboard.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>())[0].Current);
        await using var stream = await dashboard.GetStreamAsync("/api/v1/events", Token);

        using (var revoked = await dashboard.DeleteAsync($"/api/v1/sessions/{session.Id}", Token))
        {
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        }

        await dashboard.GetAsync("/api/v1/whoami", Token).ProblemAsync(HttpStatusCode.Unauthorized);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) > 0)
            {
            }
        });
    }

    [Fact]
    public async Task What_happens_to_an_account_is_written_down_without_secrets()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        await SetPasswordAsync(browser, Good);
        using var all = await browser.SubmitAsync("/settings/account", "/settings/account/sessions/end");
        await using var connection = paas.Services.GetRequiredService<Paas.State.Database>().Open();
        var entries = (await Dapper.SqlMapper.QueryAsync<(string Actor, string Action, string Text)>(connection, "SELECT actor, action, text FROM activity ORDER BY id")).ToList();
        Assert.Equal(["session.began", "password.set", "session.revoked"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal("admin", entry.Actor));
        Assert.DoesNotContain(entries, entry => entry.Text.Contains(Good, StringComparison.Ordinal));
    }

    internal static async Task SetPasswordAsync(Browser browser, string password)
    {
        using var set = await browser.SubmitAsync("/settings/account", "/settings/account/password", ("password", password), ("again", password));
        Assert.Equal((HttpStatusCode.SeeOther, "/settings/account?done=password"), (set.StatusCode, set.Headers.Location?.ToString()));
    }

    private static string WithoutTokens(string page) => System.Text.RegularExpressions.Regex.Replace(page, "(value=\"CfDJ8|name=\"server-time\")[^>]*>", "");
}
