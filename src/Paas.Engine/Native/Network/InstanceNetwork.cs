using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Paas.Engine.Native.Network;

/// <summary>The network of one home's instances: a private /16, its gateway on this host, one routed cable for each instance,
/// and the firewall around them. The kernel holds the truth (an interface's name says its address), so a new control
/// finds everything again.</summary>
internal sealed partial class InstanceNetwork(NetworkOptions options, ILogger logger) : IDisposable
{
    private readonly Nftables _nftables = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private volatile Plan? _plan;

    /// <summary>The private hosts that some addresses may reach.</summary>
    private readonly ConcurrentDictionary<IPAddress, IReadOnlyList<IPEndPoint>> _reach = [];

    /// <summary>Where instances find DNS (port 53) and their default route.</summary>
    public IPAddress Gateway => Ready.Gateway;

    /// <summary>The /16 of this home.</summary>
    public IPNetwork Subnet => Ready.Subnet;

    private Plan Ready => _plan ?? throw new InvalidOperationException("The network was not started.");

    /// <summary>Settles the subnet and makes gateway, forwarding and firewall. What runs already goes on without a lost packet.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_plan is null)
            {
                _plan = await SettleAsync(cancellationToken).ConfigureAwait(false);
            }

            EnableForwarding();
            using var netlink = new Netlink();
            AddGateway(netlink, Gateway);
            AddEnd(netlink, Subnet);
            var running = Ours(netlink).Select(o => o.Address);
            _nftables.Run(Firewall.Load(options.Tag, Gateway, running));
            if (await HostFirewall.OpenAsync(options.Tag, Gateway, cancellationToken).ConfigureAwait(false) is > 0 and var rules)
            {
                LogHostFirewall(rules);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Until it is released, this address and no other may reach these private hosts. To be called before <see cref="Attach"/>.</summary>
    public void Permit(IPAddress address, IReadOnlyList<IPEndPoint> hosts)
    {
        IReadOnlyList<IPEndPoint> routable = [.. Routable(hosts)];
        if (routable.Count > 0)
        {
            _reach[address] = routable;
            _nftables.Run(Firewall.Permit(options.Tag, address, routable));
        }
    }

    /// <summary>An address for the id; the same until it is released, and then not handed out again for a long time.</summary>
    public IPAddress Allocate(string id) => Ready.Pool.Allocate(id);

    /// <summary>Connects the network namespace of the process, and returns when packets pass. One that is connected already
    /// is connected anew.</summary>
    /// <exception cref="EngineException">The process is gone or has no network namespace of its own.</exception>
    public void Attach(IPAddress address, int pid)
    {
        _nftables.Run(Firewall.Add(options.Tag, address));
        Veth.Attach(Veth.Name(options.Tag, address), address, Gateway, Ready.Mtu, pid);
    }

    /// <summary>Interface, route and firewall element are gone and the address is free. The kernel may have removed the
    /// interface with its namespace already. Waits up to 20 ms for the kernel.</summary>
    public void Release(IPAddress address)
    {
        using var netlink = new Netlink();
        Remove(netlink, address);
        Ready.Pool.Release(address);
    }

    /// <summary>An instance that an earlier control started keeps its address.</summary>
    public void Adopt(string id, IPAddress address)
    {
        Ready.Pool.Adopt(id, address);
        _nftables.Run(Firewall.Add(options.Tag, address));
    }

    /// <summary>Removes what nobody allocated or adopted. To be called after the last <see cref="Adopt"/>.</summary>
    public void Sweep()
    {
        using var netlink = new Netlink();
        foreach (var (name, address) in Ours(netlink).Where(o => !Ready.Pool.Holds(o.Address)))
        {
            LogSwept(name);
            Remove(netlink, address);
        }
    }

    /// <summary>Leaves nothing of this home's network in the kernel, instances' cables included; the home keeps its subnet.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        using (var netlink = new Netlink())
        {
            foreach (var (name, _) in Ours(netlink))
            {
                Veth.Delete(netlink, name);
            }

            RemoveGateway(netlink, Gateway);
            RemoveEnd(netlink, Subnet);
        }

        _nftables.Run(Firewall.Delete(options.Tag));
        await HostFirewall.CloseAsync(options.Tag, Gateway, cancellationToken).ConfigureAwait(false);
        await SubnetChoice.ForgetAsync(options, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _nftables.Dispose();
        _starting.Dispose();
    }

    private async Task<Plan> SettleAsync(CancellationToken cancellationToken)
    {
        using var netlink = new Netlink();
        var (kept, next) = ReadState();
        var links = netlink.Links();
        var routes = netlink.Routes();
        var own = links.Where(l => IsOurs(l.Name)).Select(l => l.Index).ToHashSet();
        var gateway = kept is { } k ? SubnetChoice.GatewayOf(k) : null;
        List<IPNetwork> taken = [.. routes.Where(r => !own.Contains(r.Link) && !(r.Link == 0 && r.Destination == kept) && !(r.Destination.PrefixLength == 32 && r.Destination.BaseAddress.Equals(gateway)))
            .Select(r => r.Destination)];
        // What is reached through the default route must not hide behind the subnet.
        taken.AddRange(Resolvers().Concat(options.Avoid.Where(IsVersion4)).Select(a => new IPNetwork(a, 32)));

        var subnet = await SubnetChoice.ClaimAsync(options, kept, inUse: own.Count > 0, taken, cancellationToken).ConfigureAwait(false);
        if (kept != subnet)
        {
            LogSubnet(subnet);
            if (kept is { } former)
            {
                RemoveGateway(netlink, SubnetChoice.GatewayOf(former));
                RemoveEnd(netlink, former);
            }
        }

        WriteState(subnet, next);
        // As small as the way out, or peers would be told of packets that do not fit it.
        var uplinks = routes.Where(r => r.Destination.PrefixLength == 0).Select(r => r.Link).ToHashSet();
        var mtu = links.Where(l => uplinks.Contains(l.Index)).Select(l => l.Mtu).DefaultIfEmpty(1500).Min();
        return new Plan(subnet, SubnetChoice.GatewayOf(subnet), mtu, new AddressPool(subnet, next, n => WriteState(subnet, n)));
    }

    private void Remove(Netlink netlink, IPAddress address)
    {
        Veth.Delete(netlink, Veth.Name(options.Tag, address));
        _nftables.Run(Firewall.Remove(options.Tag, address));
        if (_reach.TryRemove(address, out var hosts))
        {
            _nftables.Run(Firewall.Forbid(options.Tag, address, hosts));
        }
    }

    private IEnumerable<(string Name, IPAddress Address)> Ours(Netlink netlink) =>
        from link in netlink.Links()
        let address = Veth.AddressOf(options.Tag, Subnet, link.Name)
        where address is not null
        select (link.Name, address);

    private bool IsOurs(string name) => Veth.AddressOf(options.Tag, default, name) is not null;

    private static void AddGateway(Netlink netlink, IPAddress gateway) =>
        netlink.Begin(20 /* RTM_NEWADDR */, Netlink.Replace, new Netlink.AddressHeader { Family = 2, PrefixLength = 32, Index = 1 /* lo */ })
            .Attribute(2 /* IFA_LOCAL */, gateway).Attribute(1 /* IFA_ADDRESS */, gateway)
            .Send($"give this host the gateway address {gateway}");

    /// <summary>Addresses of the subnet that no instance has now end here, at once: without it they would leave by the default
    /// route, and whatever answers there would pass for an instance that has just died.</summary>
    private static void AddEnd(Netlink netlink, IPNetwork subnet) =>
        End(netlink.Begin(24 /* RTM_NEWROUTE */, Netlink.Replace, EndOf(subnet)), subnet).Send($"end the routes of {subnet} here");

    private void RemoveEnd(Netlink netlink, IPNetwork subnet)
    {
        const int noRoute = 3; // ESRCH: it is gone already
        if (End(netlink.Begin(25 /* RTM_DELROUTE */, 0, EndOf(subnet)), subnet).Send() is not (0 or noRoute) and var error)
        {
            LogEndStays(subnet, error);
        }
    }

    private static Netlink End(Netlink request, IPNetwork subnet) => request.Attribute(1 /* RTA_DST */, subnet.BaseAddress);

    private static Netlink.RouteHeader EndOf(IPNetwork subnet) =>
        new() { Family = 2, DestinationLength = (byte)subnet.PrefixLength, Table = 254 /* main */, Protocol = 4 /* static */, Type = 7 /* RTN_UNREACHABLE */ };

    private void RemoveGateway(Netlink netlink, IPAddress gateway)
    {
        const int notAvailable = 99; // EADDRNOTAVAIL: it is gone already
        netlink.Begin(21 /* RTM_DELADDR */, 0, new Netlink.AddressHeader { Family = 2, PrefixLength = 32, Index = 1 })
            .Attribute(2, gateway).Attribute(1, gateway);
        if (netlink.Send() is not (0 or notAvailable) and var error)
        {
            LogGatewayStays(gateway, error);
        }
    }

    private void EnableForwarding()
    {
        const string path = "/proc/sys/net/ipv4/ip_forward";
        if (File.ReadAllText(path).Trim() == "1")
        {
            return;
        }

        File.WriteAllText(path, "1");
        LogForwarding();
    }

    /// <summary>"10.200.0.0/16 512": the subnet, and where handing out goes on.</summary>
    private (IPNetwork? Subnet, int Next) ReadState() =>
        File.Exists(options.StateFile) && File.ReadAllText(options.StateFile).Split(' ') is [var text, var next]
        && IPNetwork.TryParse(text, out var subnet) && int.TryParse(next, out var low) ? (subnet, low) : (null, 0);

    private void WriteState(IPNetwork subnet, int next)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(options.StateFile)!);
        File.WriteAllText($"{options.StateFile}.new", $"{subnet} {next}\n");
        File.Move($"{options.StateFile}.new", options.StateFile, overwrite: true);
    }

    private static IEnumerable<IPAddress> Resolvers() => !File.Exists("/etc/resolv.conf") ? [] :
        from line in File.ReadLines("/etc/resolv.conf")
        where line.StartsWith("nameserver ", StringComparison.Ordinal)
        let address = IPAddress.TryParse(line["nameserver ".Length..].Trim(), out var parsed) ? parsed : null
        where address is not null && IsVersion4(address)
        select address;

    /// <summary>Loopback of the host is not to be reached by route; IPv6 is off inside.</summary>
    private static IEnumerable<IPEndPoint> Routable(IEnumerable<IPEndPoint> hosts) =>
        hosts.Where(h => IsVersion4(h.Address) && !IPAddress.IsLoopback(h.Address));

    private static bool IsVersion4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private sealed record Plan(IPNetwork Subnet, IPAddress Gateway, int Mtu, AddressPool Pool);

    [LoggerMessage(Level = LogLevel.Information, Message = "Instances get addresses of {Subnet}")]
    private partial void LogSubnet(IPNetwork subnet);

    [LoggerMessage(Level = LogLevel.Information, Message = "Turned on IPv4 forwarding (net.ipv4.ip_forward), which instances need to reach the internet")]
    private partial void LogForwarding();

    [LoggerMessage(Level = LogLevel.Information, Message = "Added {Rules} accept rules for instances to the host's own iptables firewall")]
    private partial void LogHostFirewall(int rules);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed the interface {Name}: no instance owns it")]
    private partial void LogSwept(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The unreachable route of {Subnet} could not be removed (errno {Error})")]
    private partial void LogEndStays(IPNetwork subnet, int error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The old gateway address {Gateway} could not be removed from lo (errno {Error})")]
    private partial void LogGatewayStays(IPAddress gateway, int error);
}
