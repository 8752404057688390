using System.Net;

namespace Paas.Engine.Native.Network;

public sealed class FirewallTests
{
    private static readonly IPAddress _gateway = IPAddress.Parse("10.200.0.1");
    private static readonly IPAddress _instance = IPAddress.Parse("10.200.1.2");

    [Fact]
    public void The_table_is_replaced_whole()
    {
        var text = Firewall.Load("1a2b", _gateway, [_instance]);
        Assert.StartsWith("add table inet paas_1a2b\ndelete table inet paas_1a2b\ntable inet paas_1a2b {\n", text, StringComparison.Ordinal);
        Assert.Contains("elements = { \"p1a2b0102\" . 10.200.1.2 }", text, StringComparison.Ordinal);
    }

    /// <summary>A drop is final across tables: one that is not bound to this home's interfaces would silence other homes.</summary>
    [Fact]
    public void Every_hook_binds_its_rules_to_this_homes_interfaces()
    {
        var text = Firewall.Load("1a2b", _gateway, []);
        Assert.Equal(
            ["iifname != \"p1a2b*\" accept", "meta nfproto ipv6 drop", "iifname . ip saddr != @addresses counter drop"], Rules(text, "antispoof"));
        Assert.Equal(["iifname \"p1a2b*\" goto egress", "oifname \"p1a2b*\" goto ingress"], Rules(text, "forward"));
        Assert.Equal(["iifname \"p1a2b*\" goto host", "iifname != \"lo\" ip daddr 10.200.0.1 counter drop"], Rules(text, "input"));
        Assert.Equal(["iifname \"p1a2b*\" masquerade"], Rules(text, "nat"));
    }

    [Fact]
    public void Instances_reach_the_internet_but_nothing_private_and_not_each_other()
    {
        var text = Firewall.Load("1a2b", _gateway, []);
        Assert.Equal(
            [
                "oifname \"p1a2b*\" counter drop",
                "ct state vmap { established : accept, related : accept, invalid : drop }",
                "ct state new add @opened { ip saddr ct count over 8192 } counter drop",
                "ip saddr . ip daddr . tcp dport @reach accept",
                "ip daddr @private counter drop",
            ],
            Rules(text, "egress"));
        foreach (var range in (string[])["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "224.0.0.0/3"])
        {
            Assert.Contains(range, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Of_the_host_only_DNS_and_a_little_ping_is_open()
    {
        Assert.Equal(
            [
                "ct state established,related accept",
                "ct state new add @opened { ip saddr ct count over 8192 } counter drop",
                "ip daddr 10.200.0.1 udp dport 53 accept",
                "ip daddr 10.200.0.1 tcp dport 53 accept",
                "ip saddr . ip daddr . tcp dport @reach accept",
                "ip daddr 10.200.0.1 icmp type echo-request limit rate 10/second accept",
                "counter drop",
            ],
            Rules(Firewall.Load("1a2b", _gateway, []), "host"));
    }

    [Fact]
    public void Changes_touch_one_element()
    {
        Assert.Equal("add element inet paas_1a2b addresses { \"p1a2b0102\" . 10.200.1.2 }\n", Firewall.Add("1a2b", _instance));
        Assert.Equal(
            "add element inet paas_1a2b addresses { \"p1a2b0102\" . 10.200.1.2 }\ndelete element inet paas_1a2b addresses { \"p1a2b0102\" . 10.200.1.2 }\n",
            Firewall.Remove("1a2b", _instance));
    }

    [Fact]
    public void Private_package_hosts_are_open_to_one_address_and_port_by_port()
    {
        IPEndPoint[] hosts = [new(IPAddress.Parse("10.0.0.9"), 443), new(IPAddress.Parse("192.168.1.2"), 4873), new(IPAddress.Parse("10.0.0.9"), 443)];
        const string element = "element inet paas_1a2b reach { 10.200.1.2 . 10.0.0.9 . 443, 10.200.1.2 . 192.168.1.2 . 4873 }\n";
        Assert.Equal($"add {element}", Firewall.Permit("1a2b", _instance, hosts));
        Assert.Equal($"add {element}delete {element}", Firewall.Forbid("1a2b", _instance, hosts));
    }

    [Fact]
    public void Room_is_made_in_a_firewall_of_Docker_or_ufw_and_only_there()
    {
        Assert.Empty(HostFirewall.Rules("1a2b", _gateway, "-P FORWARD ACCEPT", "-P INPUT ACCEPT", hasDockerUser: false));
        Assert.Equal(
            ["DOCKER-USER -i p1a2b+ -m comment --comment paas_1a2b -j ACCEPT", "DOCKER-USER -o p1a2b+ -m comment --comment paas_1a2b -j ACCEPT"],
            HostFirewall.Rules("1a2b", _gateway, "-P FORWARD DROP", "-P INPUT ACCEPT", hasDockerUser: true).Select(r => string.Join(' ', r)));
        var ufw = HostFirewall.Rules("1a2b", _gateway, "-P FORWARD DROP", "-P INPUT DROP", hasDockerUser: false);
        Assert.Equal(["FORWARD", "FORWARD", "INPUT", "INPUT"], ufw.Select(r => r[0]));
        Assert.Contains("INPUT -i p1a2b+ -d 10.200.0.1 -p udp --dport 53 -m comment --comment paas_1a2b -j ACCEPT", ufw.Select(r => string.Join(' ', r)));
    }

    private static IEnumerable<string> Rules(string text, string chain)
    {
        var body = text[(text.IndexOf($"chain {chain} {{", StringComparison.Ordinal) + $"chain {chain} {{".Length)..];
        return body[..body.IndexOf("\n  }", StringComparison.Ordinal)].Split('\n').Select(l => l.Trim())
            .Where(l => l.Length > 0 && !l.StartsWith("type ", StringComparison.Ordinal));
    }
}
