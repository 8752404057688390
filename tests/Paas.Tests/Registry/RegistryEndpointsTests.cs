using System.Net;
using System.Net.Http.Headers;

namespace Paas.Registry;

public sealed class RegistryEndpointsTests : IAsyncLifetime
{
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task Without_a_token_it_asks_for_one()
    {
        using var nobody = new HttpClient { BaseAddress = _registry.Url };
        foreach (var (path, scope) in new[] { ("/v2/", ""), ("/v2/hello/manifests/latest", ",scope=\"repository:hello:pull\"") })
        {
            using var response = await nobody.GetAsync(path, Cancellation);
            Assert.Equal($"Bearer realm=\"{_registry.Url}v2/token\",service=\"paas\"{scope}", response.Headers.GetValues("WWW-Authenticate").Single());
            Assert.Equal("registry/2.0", response.Headers.GetValues("Docker-Distribution-Api-Version").Single());
            Assert.Equal("401 UNAUTHORIZED", await response.Error());
            Assert.Equal("Sign in with an API token as the password and any user name. Make a token with: paas tokens create --name <name>", await response.Sentence());
        }
    }

    [Theory]
    [InlineData("Basic", "not base64!")]
    [InlineData("Basic", "eHg=")]
    [InlineData("Basic", "eDp3cm9uZw==")]
    [InlineData("Bearer", "wrong")]
    [InlineData("Digest", "x")]
    public async Task Wrong_credentials_are_refused(string scheme, string parameter)
    {
        using var client = new HttpClient { BaseAddress = _registry.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, parameter);
        using var response = await client.GetAsync("/v2/", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await response.Error());
    }

    [Fact]
    public async Task A_token_signs_in_as_basic_password_and_as_bearer()
    {
        using var basic = await _registry.Client.GetAsync("/v2/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, basic.StatusCode);
        Assert.Equal("{}", await basic.Content.ReadAsStringAsync(Cancellation));
        using var client = new HttpClient { BaseAddress = _registry.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _registry.Token);
        using var bearer = await client.GetAsync("/v2/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, bearer.StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_no_apps_stands_alone_and_belongs_to_who_pushed_first()
    {
        var digest = await _registry.Push("conformance/one", [1, 2, 3]);
        using var mine = await _registry.Client.GetAsync($"/v2/conformance/one/blobs/{digest}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        using var other = _registry.ClientOf(_registry.OtherToken);
        using var read = await other.GetAsync($"/v2/conformance/one/blobs/{digest}", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await read.Error());
        using var pushed = await other.PostAsync("/v2/conformance/one/blobs/uploads/", null, Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await pushed.Error());
    }

    [Theory]
    [InlineData("GET", "/v2/theirs/manifests/latest")]
    [InlineData("GET", "/v2/theirs/tags/list")]
    [InlineData("POST", "/v2/theirs/sub/blobs/uploads/")]
    public async Task A_repository_of_another_team_is_unknown(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _registry.Client.SendAsync(request, Cancellation);
        Assert.Matches("^There is no repository 'theirs(/sub)?' that you may use.$", await response.Sentence());
        Assert.Equal("404 NAME_UNKNOWN", await response.Error());
    }

    [Theory]
    [InlineData("GET", "/v2/hello/manifests/latest", "404 NAME_UNKNOWN")]
    [InlineData("GET", "/v2/hello/manifests/sha256:baddigeststring", "400 DIGEST_INVALID")]
    [InlineData("GET", "/v2/hello/blobs/sha256:baddigeststring", "400 DIGEST_INVALID")]
    [InlineData("GET", "/v2/hello/blobs/md5:00", "400 DIGEST_INVALID")]
    [InlineData("GET", "/v2/hello/manifests/.bad", "404 MANIFEST_UNKNOWN")]
    [InlineData("GET", "/v2/HELLO/manifests/latest", "400 NAME_INVALID")]
    [InlineData("GET", "/v2/hello//manifests/latest", "400 NAME_INVALID")]
    [InlineData("GET", "/v2/manifests/latest", "400 NAME_INVALID")]
    [InlineData("GET", "/v2/hello/tags/list/more", "404 UNSUPPORTED")]
    [InlineData("GET", "/v2/hello/blobs/uploads/none", "404 BLOB_UPLOAD_UNKNOWN")]
    public async Task What_cannot_be_answered_is_an_error_of_the_specification(string method, string path, string expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _registry.Client.SendAsync(request, Cancellation);
        Assert.Equal(expected, await response.Error());
    }
}
