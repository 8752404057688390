using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Paas.Oci;

/// <summary>Connections to other registries: redirects are followed by hand (credentials must not go along), and some addresses are never reached,
/// because what a person names or a registry redirects to is not to be trusted.</summary>
public static class RegistryHttp
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(20);

    /// <param name="caBundle">File of PEM certificates that are believed; null: the machine's own.</param>
    /// <remarks>HTTPS_PROXY and the like .NET knows by itself. Times are watched per request and per read: a layer may take an hour.</remarks>
    public static HttpClient Create(string? caBundle)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectPatience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            MaxResponseHeadersLength = 64,
            ConnectCallback = ConnectAsync,
        };
        if (caBundle is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(caBundle);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("paas");
        return http;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, asked) = (context.DnsEndPoint.Host.Trim('[', ']'), context.InitialRequestMessage.RequestUri!);
        var direct = host.Equals(asked.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
        if (asked.Scheme == Uri.UriSchemeHttp && !direct)
        {
            throw new HttpRequestException($"{asked.Authority} without TLS is not asked through a proxy: name it in NO_PROXY.");
        }

        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = direct ? [.. addresses.Where(address => IsAllowed(address, asked.Scheme))] : addresses;
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(addresses.Length == 0 ? $"{host} has no address." : asked.Scheme == Uri.UriSchemeHttp
                ? $"{host} is not on this machine or in a private network, so it is asked over TLS only: leave out http://."
                : $"{host} has an address of this machine's own link, where no registry is.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Link-local is where clouds answer with a machine's own credentials.</summary>
    private static bool IsAllowed(IPAddress address, string scheme)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var linkLocal = address.IsIPv6LinkLocal || address.GetAddressBytes() is [169, 254, _, _];
        return !linkLocal && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && (scheme != Uri.UriSchemeHttp || ImageReference.IsPrivate(address));
    }
}
