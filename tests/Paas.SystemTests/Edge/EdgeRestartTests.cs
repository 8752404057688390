using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Keep;
using Paas.Routing;
using Paas.State;
using Paas.Testing;
using RouteEndpoint = Paas.Routing.RouteEndpoint;

namespace Paas.Edge;

/// <summary>The real `paasd edge` under `paasd keep`, killed.</summary>
public sealed class EdgeRestartTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-edge-");
    private readonly int _port = FreePort();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private PlatformHome Home => new(_folder.FullName);

    public async ValueTask InitializeAsync()
    {
        // Only the edge is wanted here: what stands for control just waits.
        var program = Path.Combine(_folder.FullName, "roles");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexport PAAS_HTTP_PORT={_port}\n[ \"$1\" = edge ] && exec '{Path.Combine(AppContext.BaseDirectory, "paasd")}' edge\nexec sleep 600\n", Stop);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public async ValueTask DisposeAsync()
    {
        using var umount = Process.Start(new ProcessStartInfo("umount", [Home.Run]) { RedirectStandardError = true })!;
        await umount.WaitForExitAsync(CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Killed_edge_comes_back_with_its_table_while_control_is_away()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(static context => context.Response.WriteAsync("served"));
        await app.StartAsync(Stop);
        var options = new KeepOptions { Home = Home.Root, Executable = Path.Combine(Home.Root, "roles"), EdgeUser = "no-such-user" };
        await using var keeper = Keeper.Start(options);
        using var publisher = new RoutePublisher(new RoutingOptions { PublishDeadline = TimeSpan.FromSeconds(60), DnsUpstreams = [] }, Home, TimeProvider.System, NullLogger<RoutePublisher>.Instance);
        await publisher.PublishAsync(new Dictionary<string, AppRoute> { ["app.localhost"] = new("app", [new RouteEndpoint("i1", "127.0.0.1", new Uri(app.Urls.First()).Port)], null) }, Stop);
        Assert.Equal("served", await GetAsync());

        var pid = int.Parse((await File.ReadAllTextAsync(Path.Combine(Home.Run, "edge.pid"), Stop)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        using (var edge = Process.GetProcessById(pid))
        {
            Assert.Equal("paasd", edge.ProcessName);
            edge.Kill();
        }

        var away = Stopwatch.StartNew();
        Assert.Equal("served", await GetAsync());
        TestContext.Current.TestOutputHelper?.WriteLine($"back after {away.ElapsedMilliseconds} ms");
    }

    /// <summary>Asks until there is an answer.</summary>
    private async Task<string> GetAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_port}/") { Headers = { Host = "app.localhost" } };
                using var response = await client.SendAsync(request, Stop);
                return await response.Content.ReadAsStringAsync(Stop);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, Stop);
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
