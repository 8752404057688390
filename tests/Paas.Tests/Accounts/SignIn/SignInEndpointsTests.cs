using System.Net;
using Dapper;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Accounts.SignIn;

public sealed class SignInEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_signs_one_browser_in_once()
    {
        await using var paas = await TestPaas.StartAsync();
        var path = await LinkAsync(paas);
        using var browser = paas.Browser();

        Assert.Contains("Sign in as admin", await browser.PageAsync(path), StringComparison.Ordinal);
        Assert.Contains("Sign in as admin", await browser.PageAsync(path), StringComparison.Ordinal);
        using var used = await browser.SubmitAsync(path, null);
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (used.StatusCode, used.Headers.Location?.ToString()));

        using var other = paas.Browser();
        Assert.Contains("paas login --browser", await other.PageAsync(path, HttpStatusCode.Gone), StringComparison.Ordinal);
        using var again = await other.PostAsync(path, ("__RequestVerificationToken", await other.TokenOfAsync(await LinkAsync(paas))));
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
        Assert.Null(other.Session);
    }

    [Fact]
    public async Task A_link_leads_back_to_this_platform_only()
    {
        await using var paas = await TestPaas.StartAsync();
        foreach (var (asked, expected) in new[] { ("/apps/hello?tab=1", "/apps/hello?tab=1"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/") })
        {
            using var browser = paas.Browser();
            using var used = await browser.SubmitAsync($"{await LinkAsync(paas)}?return={Uri.EscapeDataString(asked)}", null);
            Assert.Equal(expected, used.Headers.Location?.ToString());
        }
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_elsewhere_is_refused_and_uses_nothing_up()
    {
        await using var paas = await TestPaas.StartAsync();
        var path = await LinkAsync(paas);
        using var browser = paas.Browser();
        var token = ("__RequestVerificationToken", await browser.TokenOfAsync(path));

        using (var bare = await browser.PostAsync(path))
        {
            Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
            Assert.Contains("out of date", await bare.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        using (var forged = await browser.PostAsync(path, ("__RequestVerificationToken", "CfDJ8nonsense")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        }

        using (var stranger = paas.Browser())
        using (var stolen = await stranger.PostAsync(path, token))
        {
            Assert.Equal(HttpStatusCode.BadRequest, stolen.StatusCode);
        }

        foreach (var (site, origin) in new[] { ("cross-site", null), ("same-site", null), (null, "http://evil.example"), (null, "null"), ("same-origin", "http://app.localhost"), ((string?)null, (string?)null) })
        {
            (browser.FetchSite, browser.Origin) = (site, origin);
            using var foreign = await browser.PostAsync(path, token);
            Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        }

        Assert.Null(browser.Session);
        (browser.FetchSite, browser.Origin) = (null, browser.OwnOrigin);
        using var ours = await browser.PostAsync(path, token);
        Assert.Equal(HttpStatusCode.SeeOther, ours.StatusCode);
    }

    [Fact]
    public async Task The_pages_keep_themselves_and_the_cookie_to_themselves()
    {
        await using var paas = await TestPaas.StartAsync();
        var path = await LinkAsync(paas);
        using var browser = paas.Browser();
        using (var page = await browser.GetAsync(path))
        {
            Assert.True(page.Headers.CacheControl?.NoStore);
            Assert.Equal("same-origin", page.Headers.GetValues("Referrer-Policy").Single());
            Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
            var policy = page.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            var html = await page.Content.ReadAsStringAsync(Token);
            Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        }

        using var used = await browser.SubmitAsync(path, null);
        var cookie = Assert.Single(used.Headers.GetValues("Set-Cookie"), value => value.StartsWith("paas_session=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.Contains("; path=/;", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain=", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_HTTPS_the_cookies_are_secure_and_no_app_can_set_them()
    {
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton(new PlatformAddress(new Uri("https://paas.example"), "paas.example")));
        using var browser = paas.Browser();
        var path = await LinkAsync(paas);
        using var page = await browser.GetAsync(path);
        var cookies = page.Headers.GetValues("Set-Cookie").ToList();
        var token = Browser.TokenIn(await page.Content.ReadAsStringAsync(Token));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]) };
        request.Headers.Add("Cookie", cookies[0].Split(';')[0]);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var plain = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = paas.ClientOf(null).BaseAddress };
        using var used = await plain.SendAsync(request, Token);
        cookies.AddRange(used.Headers.GetValues("Set-Cookie"));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-paas_session=", StringComparison.Ordinal));
        Assert.All(cookies, cookie => Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal));
        Assert.All(cookies, cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_cookie_alone_moves_nothing_at_the_API()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        foreach (var (method, path) in new[] { ("GET", "/api/v1/whoami"), ("GET", "/api/v1/apps"), ("POST", "/api/v1/apps"), ("DELETE", "/api/v1/sessions"), ("POST", "/api/v1/signin-links") })
        {
            using var response = await browser.SendAsync(new HttpMethod(method), path, method == "POST" ? JsonContent.Create(new CreateApp("hello")) : null);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_dashboard_takes_the_cookie_from_its_own_pages_only()
    {
        await using var paas = await TestPaas.StartAsync();
        paas.App.MapMethods("/room", ["GET", "POST"], (HttpContext http) => http.User.Identity!.Name).RequireAuthorization(AccountPolicies.Dashboard);
        using var browser = await paas.SignedInAsync();
        Assert.Equal("admin", await browser.PageAsync("/room"));

        foreach (var site in new[] { "cross-site", "same-site" })
        {
            browser.FetchSite = site;
            using var image = await browser.GetAsync("/room", "image/*");
            Assert.Equal(HttpStatusCode.Unauthorized, image.StatusCode);
            using var post = await browser.PostAsync("/room");
            Assert.Equal((HttpStatusCode.SeeOther, "/signin?problem=ended"), (post.StatusCode, post.Headers.Location?.ToString()));
        }

        // A WebSocket is a GET that does anything; an app below the platform's name is the same site, but not the same origin.
        browser.FetchSite = null;
        browser.Origin = "http://hello.localhost:8080";
        using var socket = await browser.GetAsync("/room", "*/*");
        Assert.Equal(HttpStatusCode.Unauthorized, socket.StatusCode);
    }

    [Fact]
    public async Task Without_a_session_a_page_leads_to_sign_in_and_back_and_anything_else_is_401()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = paas.Browser();
        using var page = await browser.GetAsync("/apps/hello?tab=logs");
        Assert.Equal((HttpStatusCode.SeeOther, "/signin?return=%2Fapps%2Fhello%3Ftab%3Dlogs"), (page.StatusCode, page.Headers.Location?.ToString()));
        Assert.Equal("signed_out", (await browser.GetAsync("/apps/hello", "application/json").ProblemAsync(HttpStatusCode.Unauthorized)).Code);
        Assert.Contains("paas login --browser", await browser.PageAsync("/signin"), StringComparison.Ordinal);
        Assert.Contains("You were signed out.", await browser.PageAsync("/signin?problem=ended"), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", await browser.PageAsync("/signin?problem=evil&return=//evil.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_makes_a_new_session_and_ends_the_browsers_old_one()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        var first = browser.Session!.Value;
        using var again = await browser.SubmitAsync(await LinkAsync(paas), null);
        Assert.NotEqual(first, browser.Session!.Value);
        Assert.Null(paas.Services.GetRequiredService<Sessions>().Find(first));
        Assert.Single(await paas.Api.GetAsync("/api/v1/sessions", Token).ReadAsync<SessionView[]>());
    }

    [Fact]
    public async Task Sign_out_needs_its_form_and_ends_the_session()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        var secret = browser.Session!.Value;
        using var bare = await browser.PostAsync("/signout");
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        Assert.NotNull(paas.Services.GetRequiredService<Sessions>().Find(secret));

        using var signedOut = await browser.SubmitAsync("/settings/account", "/signout");
        Assert.Equal((HttpStatusCode.SeeOther, "/signin"), (signedOut.StatusCode, signedOut.Headers.Location?.ToString()));
        Assert.Null(browser.Session);
        Assert.Null(paas.Services.GetRequiredService<Sessions>().Find(secret));
    }

    [Fact]
    public async Task A_platform_without_an_administrator_says_how_to_make_one()
    {
        await using var paas = await TestPaas.StartAsync();
        await using (var connection = paas.Services.GetRequiredService<Database>().Open())
        {
            await connection.ExecuteAsync("DELETE FROM tokens; DELETE FROM users; DELETE FROM teams");
        }

        using var browser = paas.Browser();
        var page = await browser.PageAsync("/signin");
        Assert.Contains("no administrator yet", page, StringComparison.Ordinal);
        Assert.Contains("quickstart.sh signin-link", page, StringComparison.Ordinal);

        var link = await paas.Admin().PostAsJsonAsync("/admin/signin-link", new CreateSignInLink(null), Token).ReadAsync<SignInLinkView>();
        Assert.StartsWith("http://localhost:8080/signin/", link.Url, StringComparison.Ordinal);
        using var used = await browser.SubmitAsync(new Uri(link.Url).PathAndQuery, null);
        Assert.Equal(HttpStatusCode.SeeOther, used.StatusCode);
    }

    internal static async Task<string> LinkAsync(TestPaas paas)
    {
        var link = await paas.Api.PostAsync("/api/v1/signin-links", null, Token).ReadAsync<SignInLinkView>(HttpStatusCode.Created);
        return new Uri(link.Url).PathAndQuery;
    }
}
