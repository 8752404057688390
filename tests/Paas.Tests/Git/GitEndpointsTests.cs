using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Paas.Git;

public sealed class GitEndpointsTests : IAsyncLifetime
{
    private GitServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GitServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Wrong_token_is_said_on_the_terminal()
    {
        var client = await _server.NewClientAsync(token: "wrong");
        var output = await client.FailAsync("push", "paas", "main");
        Assert.Contains("remote: This API token is wrong or was revoked. Make a new one with: paas tokens create --name git", output);
        Assert.Contains("Authentication failed", output);
        Assert.Contains("remote: This API token is wrong", await client.FailAsync("fetch", "paas"));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("secret")]
    public async Task Unknown_and_foreign_apps_are_the_same_sentence(string app)
    {
        var client = await _server.NewClientAsync(app);
        var expected = $"fatal: remote error: There is no app '{app}' in team 'acme'. Create it with: paas apps create {app}";
        Assert.Contains(expected, await client.FailAsync("push", "paas", "main"));
        Assert.Contains(expected, await client.FailAsync("fetch", "paas"));
        Assert.Contains(expected, await client.FailAsync("-c", "protocol.version=0", "fetch", "paas"));
        Assert.False(Directory.Exists(_server.Repositories.PathOf(8)));
    }

    [Fact]
    public async Task Name_that_no_app_can_have_is_explained()
    {
        var client = await _server.NewClientAsync("My_App");
        Assert.Contains("fatal: remote error: 'My_App' cannot be an app's name", await client.FailAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Address_without_git_suffix_and_bearer_token_work()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("-c", $"http.extraHeader=Authorization: Bearer {GitServer.Token}", "push", new Uri(_server.Address, "/git/hello").ToString(), "main");
        Assert.Single(_server.Deploys.Seen);
    }

    [Theory]
    [InlineData("GET", "/git/hello.git/info/refs", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/git/hello.git/info/refs?service=git-shell", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/git/hello.git/HEAD", HttpStatusCode.NotFound)]
    [InlineData("GET", "/git/hello.git/objects/info/packs", HttpStatusCode.NotFound)]
    [InlineData("GET", "/git", HttpStatusCode.NotFound)]
    [InlineData("POST", "/git/hello.git/git-receive-pack", HttpStatusCode.UnsupportedMediaType)]
    public async Task What_is_not_smart_http_gets_a_sentence(string method, string path, HttpStatusCode status)
    {
        using var http = Client(GitServer.Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("git", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("git-receive-pack", GitServer.Token, "secret", HttpStatusCode.NotFound)]
    [InlineData("git-upload-pack", GitServer.Token, "secret", HttpStatusCode.NotFound)]
    [InlineData("git-receive-pack", "wrong", "hello", HttpStatusCode.Unauthorized)]
    [InlineData("git-upload-pack", "wrong", "hello", HttpStatusCode.Unauthorized)]
    public async Task Posts_check_token_and_team_again(string service, string token, string app, HttpStatusCode status)
    {
        using var http = Client(token);
        using var content = new ByteArrayContent("0000"u8.ToArray()) { Headers = { ContentType = new($"application/x-{service}-request") } };
        using var response = await http.PostAsync(new Uri($"/git/{app}.git/{service}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Request_without_credentials_is_asked_for_them()
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        using var response = await http.GetAsync(new Uri("/git/hello.git/info/refs?service=git-receive-pack", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.StartsWith("Basic realm=\"paas\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Contains("paas tokens create", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private HttpClient Client(string token) => new()
    {
        BaseAddress = _server.Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}"))) },
    };
}
