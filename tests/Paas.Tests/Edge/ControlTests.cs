using System.Net;

namespace Paas.Edge;

/// <summary>The edge towards control: platform hosts, control away, blobs.</summary>
public sealed class ControlTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData("localhost")]
    [InlineData("registry.localhost:8080")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8080")]
    public async Task Platform_hosts_reach_control_with_and_without_a_table(string host)
    {
        await using var control = await TestUpstream.StartAsync(_edge.Home.ControlSocket, static context => context.Response.WriteAsync($"{context.Request.Host}{context.Request.Path} {context.Request.Headers["Paas-Edge-Can-Send"]}"));
        using var before = await _edge.GetAsync(host, "/api");
        Assert.Equal($"{host}/api 1", await before.Content.ReadAsStringAsync(Stop));
        await _edge.RouteAsync();
        using var after = await _edge.GetAsync(host, "/api");
        Assert.Equal($"{host}/api 1", await after.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Control_away_is_a_503_that_says_that_apps_go_on()
    {
        using var response = await _edge.GetAsync("localhost");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("The platform is restarting; apps go on serving.", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_waits_for_control_to_come_back_body_included()
    {
        var request = _edge.Request(HttpMethod.Post, "localhost", "/");
        request.Content = new StringContent("push");
        var waiting = _edge.SendAsync(request);
        await using var control = await TestUpstream.StartAsync(_edge.Home.ControlSocket, static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        using var response = await waiting;
        Assert.Equal("push", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task App_cannot_make_the_edge_send_a_blob()
    {
        var stored = new string('0', 64);
        await using var app = await TestUpstream.StartAsync(context =>
        {
            context.Response.Headers["Paas-Blob"] = $"sha256:{stored}";
            return context.Response.WriteAsync("mine");
        });
        await _edge.RouteAsync(app.Port);
        using var response = await _edge.GetAsync();
        Assert.Equal("mine", await response.Content.ReadAsStringAsync(Stop));
    }
}
