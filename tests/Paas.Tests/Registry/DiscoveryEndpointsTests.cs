using System.Net;

namespace Paas.Registry;

public sealed class DiscoveryEndpointsTests : IAsyncLifetime
{
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task The_catalog_names_what_was_pushed_to_in_pages()
    {
        foreach (var name in new[] { "hello", "hello/worker", "conformance/one", "zeta" })
        {
            (await _registry.PutManifest(name, "r1", await _registry.Manifest(name))).Dispose();
        }

        await _registry.Push("empty", "x"u8.ToArray());
        using var first = await _registry.Client.GetAsync("/v2/_catalog?n=2", Cancellation);
        Assert.Equal("</v2/_catalog?n=2&last=hello>; rel=\"next\"", first.Headers.GetValues("Link").Single());
        Assert.Equal("""{"repositories":["conformance/one","hello"]}""", await first.Content.ReadAsStringAsync(Cancellation));
        using var second = await _registry.Client.GetAsync("/v2/_catalog?n=2&last=hello", Cancellation);
        Assert.Equal("""{"repositories":["hello/worker","zeta"]}""", await second.Content.ReadAsStringAsync(Cancellation));
        Assert.False(second.Headers.Contains("Link"));
        Assert.Empty(await Names("/v2/_catalog?n=0"));
        Assert.Equal(4, (await Names("/v2/_catalog?n=99999999999")).Count);
    }

    [Fact]
    public async Task The_catalog_shows_nobody_what_is_another_team_s()
    {
        (await _registry.PutManifest("secret", "r1", await _registry.Manifest("secret"))).Dispose();
        using var others = _registry.ClientOf(_registry.OtherToken);
        Assert.Equal("""{"repositories":[]}""", await others.GetStringAsync("/v2/_catalog", Cancellation));
    }

    [Theory]
    [InlineData("/v2/hello/tags/list?n=x")]
    [InlineData("/v2/hello/tags/list?n=")]
    [InlineData("/v2/hello/tags/list?n=-1")]
    [InlineData("/v2/hello/tags/list?n=1.5")]
    [InlineData("/v2/_catalog?n=%00")]
    public async Task A_page_size_that_is_no_number_is_refused(string path)
    {
        using var response = await _registry.Client.GetAsync(path, Cancellation);
        Assert.Equal("400 PAGINATION_NUMBER_INVALID", await response.Error());
    }

    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/")]
    public async Task The_base_tells_that_it_is_a_registry(string path)
    {
        using var response = await _registry.Client.GetAsync(path, Cancellation);
        Assert.Equal((HttpStatusCode.OK, "registry/2.0"), (response.StatusCode, response.Headers.GetValues("Docker-Distribution-Api-Version").Single()));
    }

    private async Task<IReadOnlyList<string>> Names(string path) =>
        (await _registry.Client.GetFromJsonAsync(path, RegistryJson.Default.RepositoryList, Cancellation))!.Repositories;
}
