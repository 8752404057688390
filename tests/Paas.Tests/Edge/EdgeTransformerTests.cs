using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Paas.Edge;

public sealed class EdgeTransformerTests : IAsyncLifetime
{
    private TestEdge _edge = null!;
    private TestUpstream _app = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _edge = await TestEdge.StartAsync();
        _app = await TestUpstream.StartAsync(static async context =>
        {
            var headers = context.Response.Headers;
            headers["Paas-Blob"] = "sha256:none";
            headers["Connection"] = "X-Hop";
            headers["X-Hop"] = "1";
            headers["X-Kept"] = "kept";
            headers.SetCookie = new(["a=1", "b=2"]);
            headers["X-Latin"] = "gr\u00fc\u00df";
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, context.Request.Headers.ToDictionary(static pair => pair.Key.ToLowerInvariant(), static pair => pair.Value.ToArray()));
        });
        await _edge.RouteAsync(_app.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData("X-Forwarded-For: 6.6.6.6", "x-forwarded-for", "127.0.0.1")]
    [InlineData("x_forwarded_for: 6.6.6.6", "x_forwarded_for", null)]
    [InlineData("X-Forwarded-Proto: https", "x-forwarded-proto", "http")]
    [InlineData("X-Forwarded-Host: evil.example", "x-forwarded-host", "app.localhost")]
    [InlineData("X-Forwarded-Port: 443", "x-forwarded-port", "<port>")]
    [InlineData("X-Forwarded-Prefix: /x", "x-forwarded-prefix", null)]
    [InlineData("X-Real-IP: 6.6.6.6", "x-real-ip", "127.0.0.1")]
    [InlineData("Forwarded: for=6.6.6.6", "forwarded", null)]
    [InlineData("Proxy: http://evil", "proxy", null)]
    [InlineData("Paas-Edge-Can-Send: 1", "paas-edge-can-send", null)]
    [InlineData("paas_blob: x", "paas_blob", null)]
    [InlineData("Connection: X-Mine\r\nX-Mine: 1", "x-mine", null)]
    [InlineData("Keep-Alive: timeout=5", "keep-alive", null)]
    [InlineData("Proxy-Authorization: Basic x", "proxy-authorization", null)]
    [InlineData("TE: trailers", "te", null)]
    [InlineData("Upgrade: h2c", "upgrade", null)]
    [InlineData("Expect: 100-continue", "expect", null)]
    [InlineData("Authorization: Bearer t", "authorization", "Bearer t")]
    [InlineData("Accept-Encoding: br", "accept-encoding", "br")]
    [InlineData("Content-Type: text/x", "content-type", "text/x")]
    [InlineData("X-Name: gr\u00fc\u00df", "x-name", "gr\u00fc\u00df")]
    [InlineData("X-Two: 1\r\nX-Two: 2", "x-two", "1, 2")]
    [InlineData("Cookie: a=1; b=2", "cookie", "a=1; b=2")]
    [InlineData("X-Any: 1", "host", "app.localhost")]
    public async Task Request_header_reaches_the_app_as(string sent, string name, string? expected)
    {
        var answer = await RawAsync($"GET / HTTP/1.1\r\nHost: app.localhost\r\n{sent}\r\n\r\n");
        var received = JsonSerializer.Deserialize<Dictionary<string, string[]>>(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)])!;
        Assert.Equal(expected?.Replace("<port>", $"{_edge.Server.HttpPort}", StringComparison.Ordinal), received.TryGetValue(name, out var values) ? string.Join('|', values) : null);
    }

    [Fact]
    public async Task Response_keeps_its_own_headers_and_loses_internal_and_hop_by_hop_ones()
    {
        var answer = await RawAsync("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n");
        Assert.DoesNotContain("paas-", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Hop:", answer, StringComparison.Ordinal);
        Assert.Contains("X-Kept: kept\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Latin: gr\u00fc\u00df\r\n", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("\r\n"), static line => line.StartsWith("Date:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Conflicting_lengths_do_not_both_go_on()
    {
        var answer = await RawAsync("POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        Assert.DoesNotContain("\"content-length\":[\"30\"]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scheme_is_the_connections_whatever_an_http2_client_says()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _edge.Server.HttpPort, Stop);
        var stream = client.GetStream();
        // HPACK's static table (RFC 7541, appendix A): GET, https, "/"; then :authority as a literal.
        byte[] head = [0x82, 0x87, 0x84, 0x01, 13, .. "app.localhost"u8];
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, []), .. Frame(1, 5, 1, head)], Stop);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("x-forwarded-host", StringComparison.Ordinal) && await stream.ReadAsync(buffer, Stop) is > 0 and var count)
        {
            answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        Assert.Contains("\"x-forwarded-proto\":[\"http\"]", answer.ToString(), StringComparison.Ordinal);

        static byte[] Frame(byte type, byte flags, byte streamId, byte[] payload) => [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, streamId, .. payload];
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _edge.Server.HttpPort, Stop);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var answer = new StringBuilder();
        while (await reader.ReadLineAsync(Stop) is { } line && line != "0")
        {
            answer.Append(line).Append("\r\n");
        }

        return answer.ToString();
    }
}
