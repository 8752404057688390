using System.Net;
using System.Security.Cryptography;
using Paas.Oci;

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
    public async Task Registry_clients_get_the_registrys_document_of_what_the_edge_says_itself()
    {
        using var response = await _edge.GetAsync("localhost", "/v2/app/manifests/1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            """{"errors":[{"code":"UNAVAILABLE","message":"The platform is restarting; apps go on serving. Try again in a moment."}]}""",
            await response.Content.ReadAsStringAsync(Stop));
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

    [Theory]
    [InlineData(null, 200, 0, 300_000)]
    [InlineData("bytes=0-9", 206, 0, 10)]
    [InlineData("bytes=299990-", 206, 299_990, 10)]
    [InlineData("bytes=-5", 206, 299_995, 5)]
    [InlineData("bytes=10-999999999", 206, 10, 299_990)]
    [InlineData("bytes=300000-", 416, 0, 0)]
    public async Task Blob_that_control_authorised_is_sent_by_the_edge(string? range, int status, int from, int length)
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var stored = await new BlobStore(_edge.Home.Blobs).PutAsync(content, "application/octet-stream", Stop);
        await using var control = await TestUpstream.StartAsync(_edge.Home.ControlSocket, context =>
        {
            context.Response.Headers["Paas-Blob"] = stored.Digest.ToString();
            context.Response.Headers["Docker-Content-Digest"] = stored.Digest.ToString();
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
        var request = _edge.Request(HttpMethod.Get, "localhost", "/v2/a/blobs/x");
        request.Headers.TryAddWithoutValidation("Range", range);
        using var response = await _edge.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Paas-Blob"));
        Assert.Equal(stored.Digest.ToString(), Assert.Single(response.Headers.GetValues("Docker-Content-Digest")));
        Assert.Equal(content[from..(from + length)], await response.Content.ReadAsByteArrayAsync(Stop));
        if (status != 200)
        {
            Assert.Equal(status == 416 ? "bytes */300000" : $"bytes {from}-{from + length - 1}/300000", response.Content.Headers.ContentRange?.ToString());
        }
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
