using System.Net;

namespace Paas.Engine.Native.Network;

/// <summary>The firewall of one home as text: pure, so that tests read what the kernel is told.</summary>
/// <remarks>
/// A drop is final across tables, so every rule names this home's interfaces (or its own gateway) and nothing else:
/// other homes and the machine's own traffic never meet one of these rules.
/// <code>
///   from an instance --raw--> antispoof --+-- to this host   --> input:   DNS and a little ping on the gateway
///                                         +-- elsewhere      --> egress:  no instance, nothing private but its own package hosts; the internet by masquerade
///   to an instance   --------------------+-- through this host -> ingress: only answers
/// </code>
/// The host itself (the edge) reaches instances through its output hook, where this table has no chain.
/// </remarks>
internal static class Firewall
{
    // What is not the internet: IANA's special-purpose registry (RFC 6890), shared address space (RFC 6598),
    // link-local with the clouds' metadata service (169.254.169.254), multicast and reserved.
    private const string Private =
        "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, " +
        "192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3";

    /// <summary>Connections (conntrack entries) that one instance may have opened at a time: the machine's table holds some hundred
    /// thousand, and whoever fills it cuts everybody off.</summary>
    public const int ConnectionsPerInstance = 8192;

    public static string Table(string tag) => $"paas_{tag}";

    /// <summary>The whole table in one transaction: packets meet the old one or the new one, never none.</summary>
    /// <param name="instances">Those that exist already and must go on answering.</param>
    public static string Load(string tag, IPAddress gateway, IEnumerable<IPAddress> instances)
    {
        var ours = $"\"p{tag}*\"";
        return $$"""
            add table inet {{Table(tag)}}
            delete table inet {{Table(tag)}}
            table inet {{Table(tag)}} {
              set addresses {
                type ifname . ipv4_addr
                {{Elements(instances.Select(a => AddressElement(tag, a)))}}
              }
              set reach {
                type ipv4_addr . ipv4_addr . inet_service
              }
              set private {
                type ipv4_addr
                flags interval
                elements = { {{Private}} }
              }
              set opened {
                type ipv4_addr
                flags dynamic
              }
              chain antispoof {
                type filter hook prerouting priority raw; policy accept;
                iifname != {{ours}} accept
                meta nfproto ipv6 drop
                iifname . ip saddr != @addresses counter drop
              }
              chain forward {
                type filter hook forward priority filter; policy accept;
                iifname {{ours}} goto egress
                oifname {{ours}} goto ingress
              }
              chain ingress {
                ct state established,related accept
                counter drop
              }
              chain egress {
                oifname {{ours}} counter drop
                ct state vmap { established : accept, related : accept, invalid : drop }
                ct state new add @opened { ip saddr ct count over {{ConnectionsPerInstance}} } counter drop
                ip saddr . ip daddr . tcp dport @reach accept
                ip daddr @private counter drop
              }
              chain input {
                type filter hook input priority filter; policy accept;
                iifname {{ours}} goto host
                iifname != "lo" ip daddr {{gateway}} counter drop
              }
              chain host {
                ct state established,related accept
                ct state new add @opened { ip saddr ct count over {{ConnectionsPerInstance}} } counter drop
                ip daddr {{gateway}} udp dport 53 accept
                ip daddr {{gateway}} tcp dport 53 accept
                ip saddr . ip daddr . tcp dport @reach accept
                ip daddr {{gateway}} icmp type echo-request limit rate 10/second accept
                counter drop
              }
              chain nat {
                type nat hook postrouting priority srcnat; policy accept;
                iifname {{ours}} masquerade
              }
            }

            """;
    }

    /// <summary>Lets one address speak from its interface. A hash set: the cost does not grow with the instances.</summary>
    public static string Add(string tag, IPAddress address) =>
        $"add element inet {Table(tag)} addresses {{ {AddressElement(tag, address)} }}\n";

    /// <summary>Adding first makes deleting what is not there a success.</summary>
    public static string Remove(string tag, IPAddress address) =>
        Add(tag, address) + $"delete element inet {Table(tag)} addresses {{ {AddressElement(tag, address)} }}\n";

    /// <summary>Lets this address alone reach private hosts at these ports; who has it cannot speak for another (antispoof).</summary>
    /// <param name="hosts">Not empty.</param>
    public static string Permit(string tag, IPAddress address, IEnumerable<IPEndPoint> hosts) =>
        $"add element inet {Table(tag)} reach {{ {ReachElements(address, hosts)} }}\n";

    /// <summary>Adding first makes deleting what is not there a success.</summary>
    public static string Forbid(string tag, IPAddress address, IEnumerable<IPEndPoint> hosts) =>
        Permit(tag, address, hosts) + $"delete element inet {Table(tag)} reach {{ {ReachElements(address, hosts)} }}\n";

    /// <summary>Adding first makes deleting what is not there a success.</summary>
    public static string Delete(string tag) => $"add table inet {Table(tag)}\ndelete table inet {Table(tag)}\n";

    private static string AddressElement(string tag, IPAddress address) => $"\"{Veth.Name(tag, address)}\" . {address}";

    private static string ReachElements(IPAddress address, IEnumerable<IPEndPoint> hosts) =>
        string.Join(", ", hosts.Distinct().Select(host => $"{address} . {host.Address} . {host.Port}"));

    private static string Elements(IEnumerable<string> elements) =>
        string.Join(", ", elements) is { Length: > 0 } list ? $"elements = {{ {list} }}" : "";
}
