using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.StaticAssets;
using Paas.Client;
using Paas.Testing;

namespace Paas.Accounts;

/// <summary>Trust rule 5: walks every route that is mapped, so that a new one is covered without being named here.</summary>
public sealed partial class RouteWalkTests
{
    /// <summary>Routes that answer without a token, each with its reason. A new one has to be argued for here.</summary>
    private static readonly Dictionary<string, string> Anonymous = new(StringComparer.Ordinal)
    {
        ["/openapi/{documentName}.json"] = "names routes and shapes only",
        ["/admin/bootstrap"] = "the admin socket, root only; 404 elsewhere",
        ["/admin/signin-link"] = "the same",
        ["/signin"] = "how to get in",
        ["/signin/passkey"] = "the passkey is the proof",
        ["/signin/passkey/options"] = "a challenge, the same for everybody",
        ["/signin/{code}"] = "the one-time code is the proof",
        ["/readyz"] = "says ready or starting to installers and monitors",
        ["/git/{app}/info/refs"] = "checks the token itself: git wants its 401 as text",
        ["/git/{app}/git-receive-pack"] = "the same",
        ["/git/{app}/git-upload-pack"] = "the same",
        ["/git/{**rest}"] = "refuses what is not smart HTTP",
        ["/v2/{**path}"] = "checks the token itself: the registry answers in the words of its specification",
        ["/v2/token"] = "trades credentials for a token, as the specification of registries has it",
    };

    [GeneratedRegex(@"\{\**(?<name>\w+)[^}]*\}")]
    private static partial Regex Parameter { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_team_finds_nothing_at_any_route_of_an_app()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        var stranger = paas.OtherTeam("strangers");
        var walked = 0;
        foreach (var (method, route) in Routes(paas).Where(item => item.Route.RoutePattern.GetParameter("app") is not null && !item.Route.RoutePattern.RawText!.StartsWith("/git/", StringComparison.Ordinal)))
        {
            // Pages take no token; they have no data but what the API gives their visitor: the next test.
            if (route.Metadata.GetMetadata<IAuthorizeData>()?.Policy == AccountPolicies.Dashboard)
            {
                continue;
            }

            using var response = await SendAsync(stranger, method, route);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{method} {route.RoutePattern.RawText} answered another team {(int)response.StatusCode}.");
            walked++;
        }

        Assert.True(walked > 10, $"Only {walked} routes were walked.");
        Assert.Equal("hello", (await paas.Api.GetAsync("/api/v1/apps/hello", Token).ReadAsync<AppView>()).Name);
    }

    [Fact]
    public async Task Another_team_finds_nothing_at_any_route_of_a_repository()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        using (var pusher = new Registry.ImagePusher(paas))
        {
            await pusher.ImageAsync("hello", "1");
        }

        var stranger = paas.OtherTeam("strangers");
        var walked = 0;
        foreach (var (method, route) in Routes(paas).Where(item => item.Route.RoutePattern.RawText is { } pattern && pattern.StartsWith("/api/v1/registry/", StringComparison.Ordinal) && pattern.EndsWith("/{**name}", StringComparison.Ordinal)))
        {
            using var response = await SendAsync(stranger, method, route, "hello");
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{method} {route.RoutePattern.RawText} answered another team {(int)response.StatusCode}.");
            walked++;
        }

        Assert.True(walked > 5, $"Only {walked} routes were walked.");
    }

    [Fact]
    public async Task Another_team_sees_nothing_of_an_app_on_any_page()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        paas.OtherTeam("strangers");
        using var owner = await paas.SignedInAsync();
        using var stranger = await paas.SignedInAsync("strangers");
        const string Secret = "/git/hello.git";
        Assert.Contains(Secret, await owner.PageAsync("/apps/hello"), StringComparison.Ordinal);
        foreach (var (_, route) in Routes(paas).Where(item => item.Method == HttpMethod.Get && item.Route.Metadata.GetMetadata<IAuthorizeData>()?.Policy == AccountPolicies.Dashboard))
        {
            using var response = await stranger.GetAsync(PathOf(route));
            Assert.DoesNotContain(Secret, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nobody_gets_anything_but_401_without_a_token()
    {
        await using var paas = await TestPaas.StartAsync();
        var nobody = paas.ClientOf(null);
        foreach (var (method, route) in Routes(paas).Where(item => item.Route.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            using var response = await SendAsync(nobody, method, route);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {route.RoutePattern.RawText} answered nobody {(int)response.StatusCode}.");
        }
    }

    [Fact]
    public async Task Every_route_that_needs_no_token_is_known_with_its_reason()
    {
        await using var paas = await TestPaas.StartAsync();
        // Style sheets, scripts and pictures are the same for everybody.
        var anonymous = Routes(paas).Where(item => item.Route.Metadata.GetMetadata<IAllowAnonymous>() is not null && item.Route.Metadata.GetMetadata<StaticAssetDescriptor>() is null).Select(item => "/" + item.Route.RoutePattern.RawText!.TrimStart('/'));
        Assert.Empty(anonymous.Except(Anonymous.Keys));
    }

    [Fact]
    public async Task Another_teams_app_and_none_at_all_look_the_same()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        var stranger = paas.OtherTeam("strangers");
        var theirs = await stranger.GetAsync("/api/v1/apps/hello", Token).ProblemAsync(HttpStatusCode.NotFound);
        var none = await stranger.GetAsync("/api/v1/apps/other", Token).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal(theirs with { Detail = none.Detail }, none);
        Assert.Equal(none.Detail, theirs.Detail!.Replace("hello", "other", StringComparison.Ordinal));
    }

    private static IEnumerable<(HttpMethod Method, RouteEndpoint Route)> Routes(TestPaas paas) =>
        from route in paas.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select (new HttpMethod(method), route);

    /// <summary>A request that binds, so that the answer comes from the handler: numbers are 1, bodies empty objects or lists.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, RouteEndpoint route, string name = "1")
    {
        using var request = new HttpRequestMessage(method, PathOf(route, name));
        if (route.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type)
        {
            var isList = type != typeof(string) && type.IsAssignableTo(typeof(System.Collections.IEnumerable)) && !type.IsAssignableTo(typeof(System.Collections.IDictionary));
            request.Content = new StringContent(isList ? "[]" : "{}", Encoding.UTF8, "application/json");
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private static string PathOf(RouteEndpoint route, string name = "1") => Parameter.Replace("/" + route.RoutePattern.RawText!.TrimStart('/'), match => match.Groups["name"].Value.ToLowerInvariant() switch
    {
        "app" => "hello",
        "documentname" => "v1",
        "name" => name,
        _ => "1",
    });
}
