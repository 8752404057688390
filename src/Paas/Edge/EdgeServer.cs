using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Paas.Oci;
using Paas.Routing;
using Paas.State;

namespace Paas.Edge;

/// <summary>The edge, running: public listener, control's channel, DNS. Two hosts, so that no public request can reach the channel.</summary>
public sealed class EdgeServer : IAsyncDisposable
{
    private readonly WebApplication _public;
    private readonly WebApplication _channel;
    private readonly DnsForwarder _dns;

    private EdgeServer(WebApplication publicHost, WebApplication channel, DnsForwarder dns) => (_public, _channel, _dns) = (publicHost, channel, dns);

    /// <summary>Of the public listener, also when the options said 0.</summary>
    public int HttpPort { get; private set; }

    /// <summary>Returns when it serves; before, nothing listens.</summary>
    public static async Task<EdgeServer> StartAsync(EdgeOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var home = new PlatformHome(options.Home);
        Directory.CreateDirectory(home.Edge);
        Directory.CreateDirectory(Path.GetDirectoryName(home.EdgeSocket)!);

        var publicHost = PublicHost(options, home, time);
        var table = publicHost.Services.GetRequiredService<LiveTable>();
        var dns = new DnsForwarder(time, publicHost.Services.GetRequiredService<ILogger<DnsForwarder>>());
        var server = new EdgeServer(publicHost, ChannelHost(home, table), dns);
        dns.Use(table.Dns);
        table.DnsChanged += dns.Use;
        try
        {
            await server._public.StartAsync(cancellationToken);
            await server._channel.StartAsync(cancellationToken);
            var address = server._public.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(static url => Uri.TryCreate(url, UriKind.Absolute, out _));
            server.HttpPort = new Uri(address).Port;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no new connection and lets requests in flight end, for EdgeOptions.StopTimeout at most.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _public.StopAsync(cancellationToken);
        await _channel.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _public.DisposeAsync();
        await _channel.DisposeAsync();
        await _dns.DisposeAsync();
    }

    private static WebApplication PublicHost(EdgeOptions options, PlatformHome home, TimeProvider time)
    {
        var builder = Slim();
        var http2 = new PrefaceSwitch();
        builder.Services
            .AddSingleton(options)
            .AddSingleton(time)
            .AddSingleton<IConnectionListenerFactory>(http2)
            .AddSingleton<IMemoryPoolFactory<byte>, SocketMemory>()
            .AddSingleton(services => new LiveTable(Path.Combine(home.Edge, "routes.json"), BootId.Current, options.PlatformHosts, services.GetRequiredService<ILogger<LiveTable>>()))
            .AddSingleton(_ => new Upstreams(options, home.ControlSocket))
            .AddSingleton(_ => new BlobSender(new BlobStore(home.Blobs, Path.Combine(options.Cache, "blobs"))))
            .AddSingleton(_ => new GrantCache(home.EpochFile, time))
            .AddSingleton<Proxy>()
            .AddHttpForwarder()
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeout);
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = options.InlineCompletions);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Unlimit(kestrel);
            kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.AllowAlternateSchemes = true;
            kestrel.Listen(options.Bind, options.HttpPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(http2.Wrap);
            });
            kestrel.Listen(http2.Http2, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<Proxy>().HandleAsync);
        return app;
    }

    private static WebApplication ChannelHost(PlatformHome home, LiveTable table)
    {
        var builder = Slim();
        builder.Services.ConfigureHttpJsonOptions(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, RoutingJson.Default));

        // The socket of an edge that was killed is still there.
        File.Delete(home.EdgeSocket);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Unlimit(kestrel);
            kestrel.ListenUnixSocket(home.EdgeSocket);
        });
        var app = builder.Build();
        app.MapEdgeChannel(table);
        return app;
    }

    private static WebApplicationBuilder Slim()
    {
        var builder = RoleHost.Create();

        // No appsettings.json, no ASPNETCORE_ variable.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information);

        // At Information each writes lines for every request (+55 us of CPU); YARP's warning is a stack for every refused connection,
        // of which Proxy says one line a second.
        builder.Logging.AddFilter("Yarp", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // It repeats with a stack what StartAsync throws.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        return builder;
    }

    /// <summary>Pushes and images are as large and as slow as they are; control and apps set their own limits.</summary>
    private static void Unlimit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
    }
}
