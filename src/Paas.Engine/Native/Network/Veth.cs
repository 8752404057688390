using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Network;

/// <summary>One instance's cable: eth0 inside, p&lt;tag&gt;&lt;low half of the address&gt; outside, each address a /32, routed.
/// No bridge: all traffic passes the firewall's inet hooks, and nothing waits for a port to learn forwarding.</summary>
internal static partial class Veth
{
    // errno.h, linux/rtnetlink.h, linux/if_link.h, linux/neighbour.h
    private const int Exists = 17, NoDevice = 19;
    private const ushort NewLink = 16, DeleteLink = 17, NewAddress = 20, NewRoute = 24, NewNeighbour = 28;
    private const byte Internet = 2, MainTable = 254, ByHand = 4, ScopeGlobal = 0, ScopeLink = 253, Unicast = 1;
    private const ushort Permanent = 0x80;
    private const int NetworkNamespace = 0x40000000; // CLONE_NEWNET

    private static readonly TimeSpan _upDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Nine characters (the kernel takes 15): "p1a2b0305" is 10.x.3.5 of the home 1a2b.</summary>
    public static string Name(string tag, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return $"p{tag}{bytes[2]:x2}{bytes[3]:x2}";
    }

    /// <summary>The address that an interface of this home stands for; null for anything else.</summary>
    public static IPAddress? AddressOf(string tag, IPNetwork subnet, string name)
    {
        if (name.Length != 9 || !name.StartsWith($"p{tag}", StringComparison.Ordinal)
            || !ushort.TryParse(name.AsSpan(5), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
        {
            return null;
        }

        var bytes = subnet.BaseAddress.GetAddressBytes();
        return new IPAddress([bytes[0], bytes[1], (byte)(low >> 8), (byte)low]);
    }

    /// <summary>Makes the cable into the namespace of <paramref name="pid"/> and returns when packets pass.</summary>
    public static void Attach(string name, IPAddress address, IPAddress gateway, int mtu, int pid)
    {
        using var space = OpenNamespace(pid);
        using var news = new Netlink(groups: 1);
        using var host = new Netlink();

        // 1. The pair, its far end born inside. A link of this name is what an earlier run left: its place is taken.
        // Fixed hardware addresses spare both sides the first ARP.
        byte[] outside = [0x02, 0xfe, .. address.GetAddressBytes()], inside = [0x02, 0xfd, .. address.GetAddressBytes()];
        var error = Create(host, name, mtu, outside, inside, space);
        if (error == Exists)
        {
            Delete(host, name);
            error = Create(host, name, mtu, outside, inside, space);
        }

        if (error != 0)
        {
            throw new Win32Exception(error, $"The kernel refused to make the interface {name}: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        try
        {
            // 2. Inside: on a thread of its own, because a namespace belongs to a thread.
            InNamespace(space, () => ConfigureInside(address, gateway, outside));

            // 3. Outside.
            DisableIpv6(name);
            var index = host.FindLink(name)?.Index ?? throw new EngineException($"The interface {name} vanished: its instance ended while it was connected.");
            host.Begin(NewLink, 0, new Netlink.LinkHeader { Index = index, Flags = 1, Change = 1 })
                .Begin(NewRoute, Netlink.Replace, new Netlink.RouteHeader { Family = Internet, DestinationLength = 32, Table = MainTable, Protocol = ByHand, Scope = ScopeLink, Type = Unicast })
                .Attribute(1, address).Attribute(4, index).Attribute(7, gateway)
                .Begin(NewNeighbour, Netlink.Replace, new Netlink.NeighbourHeader { Family = Internet, Index = index, State = Permanent })
                .Attribute(1, address).Attribute(2, inside)
                .Send($"bring up {name}");

            // 4. A packet sent before a link is operational is lost, and TCP repeats it a second later. Each end becomes so
            // by itself: the answer to the first packet leaves by the inner one.
            WaitUntilUp(host, news, name);
            InNamespace(space, () =>
            {
                using var innerNews = new Netlink(groups: 1);
                using var inner = new Netlink();
                WaitUntilUp(inner, innerNews, "eth0");
            });
        }
        catch
        {
            Delete(host, name);
            throw;
        }
    }

    private static void WaitUntilUp(Netlink netlink, Netlink news, string name)
    {
        var started = Stopwatch.GetTimestamp();
        while (netlink.FindLink(name) is { Up: false })
        {
            if (Stopwatch.GetElapsedTime(started) > _upDeadline)
            {
                throw new EngineException($"The interface {name} did not come up within {_upDeadline.TotalSeconds:0} s.");
            }

            news.WaitForNews();
        }
    }

    /// <summary>Its route and its far end go with it. One that is gone already is success.</summary>
    public static void Delete(Netlink netlink, string name)
    {
        netlink.Begin(DeleteLink, 0, new Netlink.LinkHeader()).Attribute(3, name);
        if (netlink.Send() is not (0 or NoDevice) and var error)
        {
            throw new Win32Exception(error, $"The kernel refused to remove the interface {name}: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>Runs the action on a thread of its own inside the namespace, and waits for it.</summary>
    public static void InNamespace(SafeHandle space, Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    if (setns(space, NetworkNamespace) != 0)
                    {
                        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot enter the instance's network namespace: {Marshal.GetLastPInvokeErrorMessage()}.");
                    }

                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            maxStackSize: 256 * 1024)
        { IsBackground = true };
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw failure is EngineException ? failure : new EngineException(failure.Message, failure);
        }
    }

    /// <exception cref="EngineException">The process is gone, or lives in the host's own network.</exception>
    public static SafeHandle OpenNamespace(int pid)
    {
        try
        {
            // Configuring eth0 and the default route of the host itself would cut the machine off.
            if (new FileInfo($"/proc/{pid}/ns/net").LinkTarget == new FileInfo("/proc/thread-self/ns/net").LinkTarget)
            {
                throw new EngineException($"Process {pid} has no network namespace of its own.");
            }

            return File.OpenHandle($"/proc/{pid}/ns/net", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (IOException e)
        {
            throw new EngineException($"Process {pid} ended before its network was connected.", e);
        }
    }

    private static int Create(Netlink netlink, string name, int mtu, byte[] outside, byte[] inside, SafeHandle space)
    {
        netlink.Begin(NewLink, Netlink.Create, new Netlink.LinkHeader()).Attribute(3, name).Attribute(4, mtu).Attribute(1, outside);
        var info = netlink.Open(18 /* IFLA_LINKINFO */);
        netlink.Attribute(1 /* IFLA_INFO_KIND */, "veth");
        var data = netlink.Open(2 /* IFLA_INFO_DATA */);
        var peer = netlink.Open(1 /* VETH_INFO_PEER */);
        netlink.Header(new Netlink.LinkHeader()).Attribute(3, "eth0").Attribute(4, mtu).Attribute(1, inside)
            .Attribute(28 /* IFLA_NET_NS_FD */, (int)space.DangerousGetHandle());
        netlink.Close(peer).Close(data).Close(info);
        return netlink.Send();
    }

    private static void ConfigureInside(IPAddress address, IPAddress gateway, byte[] outside)
    {
        DisableIpv6("all");
        using var netlink = new Netlink();
        var eth0 = netlink.FindLink("eth0")?.Index ?? throw new EngineException("The instance's eth0 vanished: it ended while it was connected.");
        netlink.Begin(NewLink, 0, new Netlink.LinkHeader { Index = 1 /* lo */, Flags = 1, Change = 1 })
            .Begin(NewAddress, Netlink.Replace, new Netlink.AddressHeader { Family = Internet, PrefixLength = 32, Index = eth0 })
            .Attribute(2, address).Attribute(1, address)
            .Begin(NewLink, 0, new Netlink.LinkHeader { Index = eth0, Flags = 1, Change = 1 })
            .Begin(NewRoute, Netlink.Replace, new Netlink.RouteHeader { Family = Internet, DestinationLength = 32, Table = MainTable, Protocol = ByHand, Scope = ScopeLink, Type = Unicast })
            .Attribute(1, gateway).Attribute(4, eth0)
            .Begin(NewRoute, Netlink.Replace, new Netlink.RouteHeader { Family = Internet, Table = MainTable, Protocol = ByHand, Scope = ScopeGlobal, Type = Unicast })
            .Attribute(5, gateway).Attribute(4, eth0)
            .Begin(NewNeighbour, Netlink.Replace, new Netlink.NeighbourHeader { Family = Internet, Index = eth0, State = Permanent })
            .Attribute(1, gateway).Attribute(2, outside)
            .Send("configure the instance's eth0");
    }

    /// <summary>/proc/sys/net shows the namespace of the thread that looks. A kernel without IPv6 has no such file.</summary>
    private static void DisableIpv6(string link)
    {
        var path = $"/proc/sys/net/ipv6/conf/{link}/disable_ipv6";
        if (File.Exists(path))
        {
            File.WriteAllText(path, "1");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeHandle space, int type);
}
