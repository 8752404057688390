using System.Net;
using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace Paas.Edge;

/// <summary>The edge's connections to apps and to control.</summary>
internal sealed class Upstreams(EdgeOptions options, string controlSocket) : IDisposable
{
    /// <summary>Shorter than the 5 s after which Node closes an idle connection, so that a request seldom meets one that is closing.</summary>
    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(4);

    public HttpMessageInvoker Apps { get; } = new(Handler(options.ConnectTimeout));

    public HttpMessageInvoker Control { get; } = new(ControlHandler(controlSocket));

    public ForwarderRequestConfig AppRequests { get; } = Requests(options.AppIdle);

    public ForwarderRequestConfig ControlRequests { get; } = Requests(options.ControlIdle);

    public void Dispose()
    {
        Apps.Dispose();
        Control.Dispose();
    }

    private static ForwarderRequestConfig Requests(TimeSpan idle) => new()
    {
        ActivityTimeout = idle,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static SocketsHttpHandler Handler(TimeSpan connectTimeout) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = int.MaxValue,
        EnableMultipleHttp2Connections = false,
        ConnectTimeout = connectTimeout,
        PooledConnectionIdleTimeout = KeepIdle,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };

    private static SocketsHttpHandler ControlHandler(string path)
    {
        var handler = Handler(TimeSpan.FromSeconds(5));
        handler.ConnectCallback = async (_, cancellationToken) => await LocalSocket.ConnectAsync(path, cancellationToken);
        return handler;
    }
}
