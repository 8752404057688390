using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;

namespace Paas.Registry;

/// <summary>The token flow as docker, containers/image, containerd and go-containerregistry go through it.</summary>
public sealed class TokenEndpointsTests : IAsyncLifetime
{
    private TestRegistry _registry = null!;
    private HttpClient _nobody = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync();
        _nobody = new HttpClient { BaseAddress = _registry.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _nobody.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task The_answer_has_what_each_client_looks_for()
    {
        using var response = await _registry.Client.GetAsync("/v2/token?account=u&service=paas&scope=repository:hello:pull,push", Cancellation);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var answer = await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation);
        Assert.Equal(answer!.Token, answer.AccessToken);
        Assert.Equal(1800, answer.ExpiresIn);
        Assert.Equal("repository:hello:pull,push", answer.Scope);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", answer.IssuedAt);
        Assert.Null(answer.RefreshToken);
    }

    [Fact]
    public async Task A_push_is_told_what_to_ask_for_and_gets_on_with_the_token()
    {
        using var asked = await _nobody.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal($"Bearer realm=\"{_registry.Url}v2/token\",service=\"paas\",scope=\"repository:hello:pull,push\"", Challenge(asked));
        using var client = Bearing(await Token("scope=repository:hello:pull,push"));
        var digest = await _registry.Push("hello", [1, 2, 3], client);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/hello/blobs/{digest}"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task A_mount_is_told_to_ask_for_its_source_too()
    {
        using var asked = await _nobody.PostAsync("/v2/hello/blobs/uploads/?from=hello%2Fbase&mount=sha256:00", null, Cancellation);
        Assert.EndsWith(",scope=\"repository:hello:pull,push repository:hello/base:pull\"", Challenge(asked), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v2/hello/tags/list", "repository:hello:pull")]
    [InlineData("HEAD", "/v2/a/b/manifests/latest", "repository:a/b:pull")]
    [InlineData("PUT", "/v2/hello/manifests/latest", "repository:hello:pull,push")]
    [InlineData("PATCH", "/v2/hello/blobs/uploads/1", "repository:hello:pull,push")]
    [InlineData("GET", "/v2/hello/blobs/uploads/1", "repository:hello:pull,push")]
    [InlineData("DELETE", "/v2/hello/manifests/latest", "repository:hello:delete")]
    [InlineData("DELETE", "/v2/hello/blobs/uploads/1", "repository:hello:pull,push")]
    public async Task Every_401_names_the_scope_that_is_missing(string method, string path, string scope)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var asked = await _nobody.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
        Assert.EndsWith($",scope=\"{scope}\"", Challenge(asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_opens_nothing_that_it_was_not_asked_for()
    {
        await _registry.Push("hello", [1]);
        using var client = Bearing(await Token("scope=repository:hello:pull"));
        using var read = await client.GetAsync("/v2/hello/tags/list", Cancellation);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var pushed = await client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal($"Bearer realm=\"{_registry.Url}v2/token\",service=\"paas\",scope=\"repository:hello:pull,push\",error=\"insufficient_scope\"", Challenge(pushed));
        using var other = await client.GetAsync("/v2/hello/part/tags/list", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await other.Error());
        using var ping = await client.GetAsync("/v2/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
    }

    [Fact]
    public async Task Asking_for_more_than_one_may_gets_less_and_is_no_error()
    {
        Assert.Equal("repository:hello:pull,push,delete", (await Answer("scope=repository:hello:*&scope=repository:theirs:pull&scope=registry:catalog:*")).Scope);
        using var client = Bearing((await Answer("scope=repository:theirs:pull,push")).Token);
        using var theirs = await client.GetAsync("/v2/theirs/tags/list", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await theirs.Error());
    }

    [Fact]
    public async Task Containerd_posts_name_and_password()
    {
        var answer = await Posted(("grant_type", "password"), ("username", "anyone"), ("password", _registry.Token), ("client_id", "containerd-client"), ("service", "paas"), ("scope", "repository:hello:pull repository:hello:pull,push"));
        Assert.Equal("repository:hello:pull,push", answer.Scope);
        using var client = Bearing(answer.AccessToken);
        await _registry.Push("hello", [4, 5], client);
    }

    [Fact]
    public async Task Docker_keeps_an_offline_token_and_gets_others_by_it()
    {
        using var signedIn = await _registry.Client.GetAsync("/v2/token?account=u&client_id=docker&offline_token=true&service=paas", Cancellation);
        var refresh = (await signedIn.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!.RefreshToken!;
        var answer = await Posted(("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", "docker"), ("service", "paas"), ("scope", "repository:hello:push,pull repository:hello/base:pull"));
        Assert.Equal("repository:hello:pull,push repository:hello/base:pull", answer.Scope);
        Assert.Null(answer.RefreshToken);
        using var client = Bearing(answer.AccessToken);
        await _registry.Push("hello", [6], client);
    }

    [Fact]
    public async Task Revoking_a_token_ends_at_once_what_was_made_from_it()
    {
        var tokens = _registry.Services.GetRequiredService<Tokens>();
        var me = tokens.Authenticate(_registry.Token)!;
        using var laptop = _registry.ClientOf(tokens.Create(me.UserId, "laptop"));
        using var signedIn = await laptop.GetAsync("/v2/token?offline_token=true&scope=repository:hello:pull,push", Cancellation);
        var answer = (await signedIn.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!;
        using var client = Bearing(answer.Token);
        await _registry.Push("hello", [7], client);
        tokens.Revoke(me.UserId, "laptop");
        // The next token has the revoked one's number.
        tokens.Create(me.UserId, "next");
        using var refused = await client.GetAsync("/v2/hello/tags/list", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await refused.Error());
        Assert.Contains(",error=\"invalid_token\"", Challenge(refused), StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "refresh_token"), KeyValuePair.Create("refresh_token", answer.RefreshToken!)]);
        using var refreshed = await _nobody.PostAsync("/v2/token", form, Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await refreshed.Error());
    }

    [Theory]
    [InlineData("grant_type=password&username=u")]
    [InlineData("grant_type=refresh_token&refresh_token=paaso_none")]
    [InlineData("grant_type=authorization_code&code=1")]
    [InlineData("")]
    [InlineData("%%%=&&&==")]
    public async Task A_form_that_proves_nothing_gets_no_token(string body)
    {
        using var response = await _nobody.PostAsync("/v2/token", new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"), Cancellation);
        Assert.Contains(await response.Error(), new[] { "400 UNSUPPORTED", "401 UNAUTHORIZED" });
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data", "x")]
    public async Task Another_body_is_refused(string type, string body)
    {
        using var response = await _nobody.PostAsync("/v2/token", new StringContent(body, Encoding.UTF8, type), Cancellation);
        Assert.Equal("400 UNSUPPORTED", await response.Error());
    }

    [Fact]
    public async Task A_form_of_a_megabyte_is_not_read()
    {
        using var response = await _nobody.PostAsync("/v2/token", new StringContent("scope=" + new string('x', 1 << 20), Encoding.UTF8, "application/x-www-form-urlencoded"), Cancellation);
        Assert.Equal("400 UNSUPPORTED", await response.Error());
    }

    [Fact]
    public async Task Wrong_credentials_get_no_token_and_a_challenge_that_does_not_lead_back_here()
    {
        using var client = _registry.ClientOf("wrong");
        using var response = await client.GetAsync("/v2/token?scope=repository:hello:pull", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await response.Error());
        Assert.StartsWith("Basic ", Challenge(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_token_of_half_an_hour_is_not_traded_for_the_next()
    {
        using var client = Bearing(await Token("scope=repository:hello:pull"));
        using var response = await client.GetAsync("/v2/token?scope=repository:hello:pull", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await response.Error());
    }

    [Fact]
    public async Task A_sealed_token_that_was_changed_or_is_anothers_opens_nothing()
    {
        await using var other = await TestRegistry.StartAsync();
        using var theirs = await other.Client.GetAsync("/v2/token?scope=repository:hello:pull", Cancellation);
        var foreign = (await theirs.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!.Token;
        var good = await Token("scope=repository:hello:pull");
        var dot = good.IndexOf('.', StringComparison.Ordinal);
        var middle = good[..20] + (good[20] == 'A' ? 'B' : 'A') + good[21..];
        foreach (var bad in new[] { foreign, middle, good[..dot], good[..(dot + 1)], good[..^2], good + "A", "paasb_.", "paasb_" + foreign["paasb_".Length..foreign.IndexOf('.', StringComparison.Ordinal)] + good[dot..] })
        {
            using var client = Bearing(bad);
            using var response = await client.GetAsync("/v2/hello/tags/list", Cancellation);
            Assert.Equal("401 UNAUTHORIZED", await response.Error());
        }
    }

    [Fact]
    public async Task The_realm_is_at_the_host_that_was_asked()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/");
        request.Headers.Host = "registry.example.com:8443";
        // Whoever comes over TCP says nothing of the scheme: only our own edge does.
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var asked = await _nobody.SendAsync(request, Cancellation);
        Assert.Equal("Bearer realm=\"http://registry.example.com:8443/v2/token\",service=\"paas\"", Challenge(asked));
    }

    [Fact]
    public async Task Nobody_gets_a_token_for_what_is_public_alone()
    {
        await _registry.PutManifest("hello", "1", await _registry.Manifest("hello"));
        _registry.MakePublic("hello");
        Assert.Equal("repository:hello:pull", (await Answer(_nobody, "scope=repository:hello:pull,push&scope=repository:theirs:pull")).Scope);
        using var asked = await _nobody.GetAsync("/v2/hello/part/tags/list", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await asked.Error());
        using var client = Bearing((await Answer(_nobody, "scope=repository:hello:pull")).Token);
        using var pulled = await client.GetAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        using var pushed = await client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await pushed.Error());
    }

    private static string Challenge(HttpResponseMessage response) => response.Headers.GetValues("WWW-Authenticate").Single();

    private static async Task<TokenAnswer> Answer(HttpClient client, string query)
    {
        using var response = await client.GetAsync($"/v2/token?{query}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!;
    }

    private Task<TokenAnswer> Answer(string query) => Answer(_registry.Client, query);

    private async Task<string> Token(string query) => (await Answer(query)).Token;

    private async Task<TokenAnswer> Posted(params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await _nobody.PostAsync("/v2/token", form, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation))!;
    }

    private HttpClient Bearing(string token)
    {
        var client = new HttpClient { BaseAddress = _registry.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
