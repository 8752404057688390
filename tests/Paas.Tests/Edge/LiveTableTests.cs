using System.Net;
using Paas.Routing;

namespace Paas.Edge;

public sealed class LiveTableTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Edge_that_restarts_serves_its_last_table_without_control()
    {
        await using var app = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("here"));
        await _edge.RouteAsync(app.Port);
        await _edge.RestartAsync();
        using var response = await _edge.GetAsync();
        Assert.Equal("here", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Full_disk_keeps_no_app_from_its_clients()
    {
        await using var app = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("here"));
        await _edge.RouteAsync();
        var file = Path.Combine(_edge.Home.Edge, "routes.json");
        File.CreateSymbolicLink(file + ".new", "/dev/full");
        await _edge.RouteAsync(app.Port);
        using var response = await _edge.GetAsync();
        Assert.Equal("here", await response.Content.ReadAsStringAsync(Stop));

        // The file of before would lead to where the app is no longer.
        Assert.False(File.Exists(file));
        await _edge.RouteAsync(app.Port);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Table_of_another_boot_is_not_used_and_not_taken()
    {
        await _edge.RouteAsync();
        var file = Path.Combine(_edge.Home.Edge, "routes.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Stop)).Replace(BootId.Current, "another", StringComparison.Ordinal), Stop);
        await _edge.RestartAsync();
        using var response = await _edge.GetAsync("nobody.localhost");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);

        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        Assert.Equal(0, await channel.PingAsync(Stop));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => channel.PutAsync(new RouteTable(9, "another", [], new Dictionary<string, AppRoute>(), new DnsTable(null, [])), Stop));
        Assert.Equal("Table 9 is of boot another, which is over.", refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"number\":")]
    public async Task Broken_file_is_no_table(string content)
    {
        await File.WriteAllTextAsync(Path.Combine(_edge.Home.Edge, "routes.json"), content, Stop);
        await _edge.RestartAsync();
        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        Assert.Equal(0, await channel.PingAsync(Stop));
    }
}
