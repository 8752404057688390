using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.Accounts;

public sealed class AccountsEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_says_who_one_is_as_Bearer_and_as_Basic_password()
    {
        await using var paas = await TestPaas.StartAsync();
        Assert.Equal(new WhoAmI("admin", "default", "test"), await paas.Api.GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>());

        var token = paas.Api.DefaultRequestHeaders.Authorization!.Parameter!;
        var basic = paas.ClientOf(null);
        basic.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{token}")));
        Assert.Equal("admin", (await basic.GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>()).User);
    }

    [Theory]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic nonsense")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Digest a=b")]
    public async Task A_bad_authorization_is_401_in_the_shape_of_every_error(string header)
    {
        await using var paas = await TestPaas.StartAsync();
        var client = paas.ClientOf(null);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        var problem = await client.GetAsync("/api/v1/whoami", Token).ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("unauthenticated", problem.Code);
    }

    [Fact]
    public async Task Git_is_challenged_to_ask_for_a_password()
    {
        await using var paas = await TestPaas.StartAsync();
        using var response = await paas.ClientOf(null).GetAsync("/git/hello.git/info/refs", Token);
        Assert.Equal("Basic", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked()
    {
        await using var paas = await TestPaas.StartAsync();
        var made = await paas.Api.PostAsJsonAsync("/api/v1/tokens", new CreateToken("ci"), Token).ReadAsync<CreatedToken>(HttpStatusCode.Created);
        var ci = paas.ClientOf(made.Token);
        Assert.Equal("ci", (await ci.GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>()).Token);
        Assert.Equal(["ci", "test"], (await paas.Api.GetAsync("/api/v1/tokens", Token).ReadAsync<TokenView[]>()).Select(token => token.Name));
        Assert.Equal("token_name_taken", (await paas.Api.PostAsJsonAsync("/api/v1/tokens", new CreateToken("ci"), Token).ProblemAsync(HttpStatusCode.Conflict)).Code);

        using var revoked = await paas.Api.DeleteAsync("/api/v1/tokens/ci", Token);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await ci.GetAsync("/api/v1/whoami", Token).ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("token_not_found", (await paas.Api.DeleteAsync("/api/v1/tokens/ci", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Fact]
    public async Task Errors_of_the_framework_and_of_ours_have_the_same_shape()
    {
        await using var paas = await TestPaas.StartAsync();
        paas.App.MapGet("/api/v1/broken", string () => throw new InvalidOperationException("the secret cause"));

        Assert.Equal("not_found", (await paas.Api.GetAsync("/api/v1/nothing", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
        Assert.Equal("method_not_allowed", (await paas.Api.PutAsync("/api/v1/whoami", null, Token).ProblemAsync(HttpStatusCode.MethodNotAllowed)).Code);
        using var half = new StringContent("{", Encoding.UTF8, "application/json");
        Assert.Equal("bad_request", (await paas.Api.PostAsync("/api/v1/tokens", half, Token).ProblemAsync(HttpStatusCode.BadRequest)).Code);
        using var text = new StringContent("hello");
        Assert.Equal("not_json", (await paas.Api.PostAsync("/api/v1/tokens", text, Token).ProblemAsync(HttpStatusCode.UnsupportedMediaType)).Code);
        var ours = await paas.Api.GetAsync("/api/v1/broken", Token).ProblemAsync(HttpStatusCode.InternalServerError);
        Assert.Equal("internal", ours.Code);
        Assert.DoesNotContain("secret", ours.Detail!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_API_describes_itself_without_a_token_and_without_the_admin_socket()
    {
        await using var paas = await TestPaas.StartAsync();
        using var document = JsonDocument.Parse(await paas.ClientOf(null).GetStringAsync("/openapi/v1.json", Token));
        Assert.Equal("0.1", document.RootElement.GetProperty("info").GetProperty("version").GetString());
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/api/v1/apps/{app}", paths);
        Assert.DoesNotContain(paths, path => path.StartsWith("/admin", StringComparison.Ordinal));
    }
}
