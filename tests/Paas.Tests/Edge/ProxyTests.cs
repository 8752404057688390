using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Paas.Routing;

namespace Paas.Edge;

public sealed class ProxyTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await TestEdge.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Unknown_host_is_a_404_with_a_sentence_and_a_page_for_browsers()
    {
        await _edge.RouteAsync();
        using var text = await _edge.GetAsync("nobody.localhost");
        Assert.Equal(HttpStatusCode.NotFound, text.StatusCode);
        Assert.Contains("No app is served at nobody.localhost", await text.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        var request = _edge.Request(HttpMethod.Get, "nobody.localhost", "/");
        request.Headers.Accept.ParseAdd("text/html");
        using var page = await _edge.SendAsync(request);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<h1>No such app</h1>", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_first_table_an_unknown_host_may_be_an_apps_and_gets_503()
    {
        using var response = await _edge.GetAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Nothing_healthy_is_a_503_with_the_routes_sentence()
    {
        await _edge.PublishAsync(new AppRoute("app", [], "Nothing pushed yet <b>"));
        var request = _edge.Request(HttpMethod.Get, "APP.localhost.", "/");
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await _edge.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("Nothing pushed yet &lt;b&gt;", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_connection_is_a_502_unless_another_endpoint_answers()
    {
        await using var app = await TestUpstream.StartAsync(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        var dead = DeadPort();
        await _edge.RouteAsync(dead);
        using var refused = await _edge.GetAsync();
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Contains("paas logs --app app", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        await _edge.RouteAsync(dead, app.Port);
        for (var i = 0; i < 20; i++)
        {
            var request = _edge.Request(HttpMethod.Post, "app.localhost", "/");
            request.Content = new StringContent("hello");
            using var response = await _edge.SendAsync(request);
            Assert.Equal("hello", await response.Content.ReadAsStringAsync(Stop));
        }
    }

    [Theory]
    [InlineData("/a%2Fb/../c%20d?x=%7E&y=a+b")]
    [InlineData("//double//slash")]
    [InlineData("/%C3%A9?q=%26")]
    public async Task Target_reaches_the_app_byte_for_byte(string target)
    {
        await using var app = await TestUpstream.StartAsync(static context => context.Response.WriteAsync(context.Features.Get<IHttpRequestFeature>()!.RawTarget));
        await _edge.RouteAsync(app.Port);
        Assert.EndsWith(target, await RawAsync($"GET {target} HTTP/1.1\r\nHost: app.localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_messages_pass_both_ways_and_count_as_in_flight()
    {
        await using var app = await TestUpstream.StartAsync(static async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, true, context.RequestAborted);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await _edge.RouteAsync(app.Port);
        using var channel = new EdgeChannel(_edge.Home.EdgeSocket);
        using (var client = new ClientWebSocket())
        {
            client.Options.SetRequestHeader("Host", "app.localhost");
            await client.ConnectAsync(new Uri($"ws://127.0.0.1:{_edge.Server.HttpPort}/"), Stop);
            await client.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, true, Stop);
            var buffer = new byte[64];
            var message = await client.ReceiveAsync(buffer, Stop);
            Assert.Equal("ping", Encoding.UTF8.GetString(buffer, 0, message.Count));
            Assert.Equal(1, (await channel.InFlightAsync(Stop))![$"i{app.Port}"]);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }

        await _edge.Publisher.ClearedAsync($"i{app.Port}", TimeSpan.FromSeconds(30), Stop);
        Assert.Empty((await channel.InFlightAsync(Stop))!);
    }

    [Fact]
    public async Task Event_stream_arrives_event_by_event_and_its_head_before_the_first()
    {
        var next = new SemaphoreSlim(0);
        await using var app = await TestUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {i}\n\n");
            }
        });
        await _edge.RouteAsync(app.Port);
        using var response = await _edge.GetAsync();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Stop));
            await reader.ReadLineAsync(Stop);
        }
    }

    [Fact]
    public async Task Http2_with_prior_knowledge_works_on_the_same_port()
    {
        await using var app = await TestUpstream.StartAsync(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Host} {context.Request.Headers["X-Forwarded-Proto"]} {context.Request.Headers.Cookie} {await reader.ReadToEndAsync()}");
        });
        await _edge.RouteAsync(app.Port);
        for (var i = 0; i < 3; i++)
        {
            var request = _edge.Request(HttpMethod.Post, "app.localhost", "/");
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.Add("Cookie", "a=1; b=2");
            request.Content = new StringContent("body");
            using var response = await _edge.SendAsync(request);
            Assert.Equal(HttpVersion.Version20, response.Version);
            Assert.Equal("app.localhost http a=1; b=2 body", await response.Content.ReadAsStringAsync(Stop));
        }

        using var plain = await _edge.GetAsync();
        Assert.Equal(HttpVersion.Version11, plain.Version);
    }

    [Fact]
    public async Task Large_bodies_stream_up_and_down()
    {
        const long Size = 100 * 1024 * 1024;
        await using var app = await TestUpstream.StartAsync(static async context =>
        {
            var buffer = new byte[65536];
            var received = 0L;
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
            {
                received += read;
            }

            context.Response.Headers["X-Received"] = $"{received}";
            for (var sent = 0L; sent < received; sent += buffer.Length)
            {
                await context.Response.Body.WriteAsync(buffer);
            }
        });
        await _edge.RouteAsync(app.Port);
        var request = _edge.Request(HttpMethod.Put, "app.localhost", "/");
        request.Content = new StreamContent(new Zeros(Size));
        using var response = await _edge.SendAsync(request);
        Assert.Equal($"{Size}", Assert.Single(response.Headers.GetValues("X-Received")));
        var stream = await response.Content.ReadAsStreamAsync(Stop);
        var total = 0L;
        var block = new byte[65536];
        for (int read; (read = await stream.ReadAsync(block, Stop)) > 0;)
        {
            total += read;
        }

        Assert.Equal(Size, total);
    }

    [Fact]
    public async Task Tables_swap_under_load_without_one_failure_and_without_a_request_after_clearing()
    {
        await using var first = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("one"));
        await using var second = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("two"));
        await _edge.RouteAsync(first.Port);
        using var done = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (!done.IsCancellationRequested)
            {
                using var response = await _edge.GetAsync();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                await response.Content.ReadAsStringAsync(Stop);
                count++;
            }

            return count;
        }, Stop)).ToArray();
        for (var i = 0; i < 50; i++)
        {
            await _edge.RouteAsync(i % 2 == 0 ? second.Port : first.Port);
            await _edge.Publisher.ClearedAsync($"i{(i % 2 == 0 ? first : second).Port}", TimeSpan.FromSeconds(20), Stop);
        }

        await done.CancelAsync();
        Assert.True((await Task.WhenAll(clients)).Sum() > 50);
    }

    [Fact]
    public async Task Requests_spread_over_the_endpoints()
    {
        await using var one = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("one"));
        await using var two = await TestUpstream.StartAsync(static context => context.Response.WriteAsync("two"));
        await _edge.RouteAsync(one.Port, two.Port);
        var seen = new HashSet<string>();
        for (var i = 0; i < 200 && seen.Count < 2; i++)
        {
            using var response = await _edge.GetAsync();
            seen.Add(await response.Content.ReadAsStringAsync(Stop));
        }

        Assert.Equal(2, seen.Count);
    }

    private static int DeadPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _edge.Server.HttpPort, Stop);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(Stop);

        // The upstream's body is chunked: "<hex>\r\n<body>\r\n0\r\n\r\n".
        return answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) ? answer[..^7] : answer;
    }

    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(_left, count);
            _left -= read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
