using System.Net;
using System.Net.Sockets;
using Paas.Accounts;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Dashboard;

public sealed class PagesTests
{
    [Fact]
    public async Task The_list_of_apps_is_in_the_first_answer()
    {
        await using var paas = await StartAsync();
        await MakeAsync(paas, "shop");
        var page = await PageAsync(paas, "/");
        Assert.Contains("<a href=\"/apps/shop\"", page, StringComparison.Ordinal);
        Assert.Contains("Empty", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_app_shows_the_push_commands_with_its_own_address()
    {
        await using var paas = await StartAsync();
        await MakeAsync(paas, "shop");
        Assert.Contains("git remote add paas http://localhost:8080/git/shop.git", await PageAsync(paas, "/apps/shop"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_loads_nothing_from_elsewhere_and_runs_no_inline_script()
    {
        await using var paas = await StartAsync();
        using var answer = await AskAsync(paas, "/", "text/html");
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PageHeaders.Policy, string.Join(';', answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", string.Join(';', answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.DoesNotMatch("<script(?![^>]*\\ssrc=)", page);
        Assert.DoesNotMatch("\\s(style|onclick|onload)=\"", page);
        Assert.DoesNotMatch("(src|href)=\"https?://(?!localhost|[a-z0-9.]+\\.localhost)", page);
    }

    [Fact]
    public async Task The_user_guide_is_part_of_the_dashboard()
    {
        await using var paas = await StartAsync();
        var page = await PageAsync(paas, "/docs/quickstart");
        Assert.Contains(">Quickstart</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<table", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/docs/signin\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/docs\"", await PageAsync(paas, "/"), StringComparison.Ordinal);
        Assert.Contains("The guide has no such page", await PageAsync(paas, "/docs/nothing"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/apps/shop/nothing")]
    [InlineData("/nowhere")]
    public async Task An_address_without_a_page_gets_the_frame_with_404(string address)
    {
        await using var paas = await StartAsync();
        using var answer = await AskAsync(paas, address, "text/html,application/xhtml+xml");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/nothing", "text/html")]
    [InlineData("/v2/x/nothing", "text/html")]
    [InlineData("/git/nothing", "text/html")]
    [InlineData("/nowhere", "*/*")]
    [InlineData("/nowhere", "application/json")]
    public async Task Programs_keep_getting_problem_documents(string address, string accept)
    {
        await using var paas = await StartAsync();
        using var answer = await AskAsync(paas, address, accept);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.False(answer.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task Who_is_not_signed_in_sees_no_page()
    {
        await using var paas = await StartAsync();
        using var answer = await paas.ClientOf(null).GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_app_of_another_team_is_not_here()
    {
        await using var paas = await StartAsync();
        using var created = await paas.OtherTeam("others").PostAsJsonAsync("/api/v1/apps", new CreateApp("theirs"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("theirs", await PageAsync(paas, "/"), StringComparison.Ordinal);
        Assert.Contains("There is no app called theirs", await PageAsync(paas, "/apps/theirs"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/apps/shop/config", "Config vars")]
    [InlineData("/apps/shop/instances", "Instances")]
    [InlineData("/apps/shop/domains", "Domains")]
    [InlineData("/apps/shop/settings", "Settings")]
    [InlineData("/apps/shop/activity", "Activity")]
    [InlineData("/activity", "Created shop.")]
    [InlineData("/account/tokens", "Make token")]
    [InlineData("/buildpacks", "paas/node")]
    [InlineData("/apps/shop/settings", "platform/bindings")]
    [InlineData("/apps/shop/settings", "The platform tries its own buildpacks")]
    [InlineData("/status", "All well")]
    public async Task Every_room_is_whole_in_the_first_answer(string address, string text)
    {
        await using var paas = await StartAsync();
        await MakeAsync(paas, "shop");
        var page = await PageAsync(paas, address);
        Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("This page has a fault", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_config_vars_are_not_in_the_page_unless_they_are_marked_plain()
    {
        await using var paas = await StartAsync();
        await MakeAsync(paas, "shop");
        foreach (var (name, value, plain) in new[] { ("KEY", "a-secret-value", false), ("LEVEL", "a-plain-value", true) })
        {
            using var set = await paas.Api.PatchAsJsonAsync("/api/v1/apps/shop/config", new UpdateConfig(new Dictionary<string, string?> { [name] = value }, Plain: plain), TestContext.Current.CancellationToken);
            set.EnsureSuccessStatusCode();
        }

        var page = await PageAsync(paas, "/apps/shop/config");
        Assert.Contains("Reveal KEY", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-value", page, StringComparison.Ordinal);
        Assert.Contains("a-plain-value", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_500_config_vars_begins_with_a_hundred()
    {
        await using var paas = await StartAsync();
        await MakeAsync(paas, "shop");
        var vars = Enumerable.Range(0, 500).ToDictionary(number => $"VAR_{number:000}", number => (string?)"x");
        using var set = await paas.Api.PatchAsJsonAsync("/api/v1/apps/shop/config", new UpdateConfig(vars), TestContext.Current.CancellationToken);
        set.EnsureSuccessStatusCode();
        var page = await PageAsync(paas, "/apps/shop/config");
        Assert.Contains("VAR_099", page, StringComparison.Ordinal);
        Assert.DoesNotContain("VAR_100", page, StringComparison.Ordinal);
        Assert.Contains("Show 400 more", page, StringComparison.Ordinal);
    }

    /// <summary>Signed in by a token instead of a cookie: the pages do not care which.</summary>
    private static Task<TestPaas> StartAsync() => TestPaas.StartAsync(services => services.AddSingleton(provider =>
    {
        var user = provider.GetRequiredService<AccountStore>().Bootstrap(null);
        var token = provider.GetRequiredService<Tokens>().Create(user.Id, "dashboard");
        return new DashboardOptions
        {
            Platform = provider.GetRequiredService<PlatformAddress>().BaseUrl,
            Policy = AccountPolicies.Stream,
            Token = (_, _) => ValueTask.FromResult<SessionToken?>(new SessionToken(token, DateTimeOffset.MaxValue)),
            Connect = async cancellationToken =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(provider.GetRequiredService<PlatformHome>().ControlSocket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }));

    private static async Task MakeAsync(TestPaas paas, string app)
    {
        using var created = await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp(app), TestContext.Current.CancellationToken);
        created.EnsureSuccessStatusCode();
    }

    private static async Task<string> PageAsync(TestPaas paas, string address)
    {
        using var answer = await AskAsync(paas, address, "text/html");
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> AskAsync(TestPaas paas, string address, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await paas.Api.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
