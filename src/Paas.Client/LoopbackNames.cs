using System.Net;
using System.Net.Sockets;

namespace Paas.Client;

/// <summary>localhost and *.localhost are this machine (RFC 6761, 6.3), but not every resolver knows the second: they are connected to without asking it.</summary>
internal static class LoopbackNames
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    public static bool Has(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <param name="baseAddress">A platform on this machine is never asked through a proxy.</param>
    public static SocketsHttpHandler Handler(Uri baseAddress) => new()
    {
        ConnectCallback = ConnectAsync,
        ConnectTimeout = ConnectPatience,
        UseProxy = !Has(baseAddress.Host) && !baseAddress.IsLoopback,
        AllowAutoRedirect = false,
        UseCookies = false,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var to = context.DnsEndPoint;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (Has(to.Host))
            {
                await socket.ConnectAsync([IPAddress.Loopback, IPAddress.IPv6Loopback], to.Port, cancellationToken);
            }
            else
            {
                await socket.ConnectAsync(to, cancellationToken);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
