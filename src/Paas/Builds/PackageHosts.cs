using System.Net;
using System.Net.Sockets;

namespace Paas.Builds;

/// <summary>The package registries and proxies that the host's own client configuration names: read and resolved anew at the start of each
/// build, and open to that build alone even where they have a private address (architecture, "Inside an instance").</summary>
/// <param name="read">The configuration as it is now.</param>
public sealed class PackageHosts(Func<HostSettings> read)
{
    /// <summary>A name that does not resolve costs a build no more; what needs it says so itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="line">Takes what the pusher should read: a host that builds can never reach.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    public async Task<(HostSettings Settings, IReadOnlyList<IPEndPoint> Reach)> ReadAsync(Action<string> line, CancellationToken cancellationToken)
    {
        var settings = read();
        var resolved = await Task.WhenAll(settings.Hosts.Select(host => ResolveAsync(host, cancellationToken)));
        foreach (var (host, _) in settings.Hosts.Zip(resolved).Where(item => item.Second is [_, ..] all && Array.TrueForAll(all, IPAddress.IsLoopback)))
        {
            line($"The server's own settings name {host.Host}:{host.Port} for packages. That is the server itself, which builds cannot reach: its administrator has to let it listen on another address and name that.");
        }

        return (settings, Reach(settings.Hosts, resolved));
    }

    /// <summary>The addresses that stand in the configuration itself: what the instances' subnet must not hide.</summary>
    public static IReadOnlyList<IPAddress> Literal(HostSettings settings) =>
        [.. settings.Hosts.Select(host => IPAddress.TryParse(host.Host, out var address) ? address : null).OfType<IPAddress>()];

    /// <summary>Where these are now, those on the server itself left out.</summary>
    internal static async Task<IReadOnlyList<IPEndPoint>> ReachAsync(IReadOnlyList<DnsEndPoint> hosts, CancellationToken cancellationToken) =>
        Reach(hosts, await Task.WhenAll(hosts.Select(host => ResolveAsync(host, cancellationToken))));

    private static IReadOnlyList<IPEndPoint> Reach(IReadOnlyList<DnsEndPoint> hosts, IPAddress[][] resolved) =>
        [.. hosts.Zip(resolved).SelectMany(item => item.Second.Where(address => !IPAddress.IsLoopback(address)).Select(address => new IPEndPoint(address, item.First.Port))).Distinct()];

    /// <summary>Instances have IPv4 alone.</summary>
    private static async Task<IPAddress[]> ResolveAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await Dns.GetHostAddressesAsync(host.Host, AddressFamily.InterNetwork, patience.Token);
        }
        catch (Exception error) when (error is SocketException or ArgumentException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }
}
