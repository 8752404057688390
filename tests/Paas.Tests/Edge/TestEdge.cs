using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Routing;
using Paas.State;
using RouteEndpoint = Paas.Routing.RouteEndpoint;

namespace Paas.Edge;

/// <summary>A real edge on a free port in a home of its own, and control's end of its channel.</summary>
internal sealed class TestEdge : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-edge-");

    public PlatformHome Home => new(_folder.FullName);

    public EdgeServer Server { get; private set; } = null!;

    public RoutePublisher Publisher { get; private set; } = null!;

    public Uri Url => new($"http://127.0.0.1:{Server.HttpPort}");

    public HttpClient Client { get; private set; } = null!;

    public static async Task<TestEdge> StartAsync()
    {
        var edge = new TestEdge();
        edge.Publisher = new RoutePublisher(
            new RoutingOptions { DnsUpstreams = [], PublishDeadline = TimeSpan.FromSeconds(20) }, edge.Home, TimeProvider.System, NullLogger<RoutePublisher>.Instance);
        edge.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
        await edge.RestartAsync();
        return edge;
    }

    public async Task RestartAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Server = await EdgeServer.StartAsync(
            new EdgeOptions { Home = Home.Root, HttpPort = 0, InlineCompletions = false, WaitForControl = TimeSpan.FromSeconds(1), StopTimeout = TimeSpan.FromSeconds(1) },
            TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>app.localhost leads to these ports of loopback; the endpoint's id is "i" and its port.</summary>
    public Task RouteAsync(params int[] ports) => PublishAsync(new AppRoute("app", [.. ports.Select(Endpoint)], "Nothing pushed yet"));

    public Task PublishAsync(AppRoute route) =>
        Publisher.PublishAsync(new Dictionary<string, AppRoute> { ["app.localhost"] = route }, TestContext.Current.CancellationToken);

    public static RouteEndpoint Endpoint(int port) => new($"i{port}", "127.0.0.1", port);

    public HttpRequestMessage Request(HttpMethod method, string host, string path) =>
        new(method, new Uri(Url, path)) { Headers = { Host = host }, Version = HttpVersion.Version11 };

    public Task<HttpResponseMessage> GetAsync(string host = "app.localhost", string path = "/") => SendAsync(Request(HttpMethod.Get, host, path));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Publisher.Dispose();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
