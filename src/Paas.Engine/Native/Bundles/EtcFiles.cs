using System.Net;

namespace Paas.Engine.Native.Bundles;

/// <summary>The files under /etc that describe the sandbox's own network.</summary>
internal static class EtcFiles
{
    /// <summary>Names are resolved by the platform's forwarder on the gateway; without a network there is nobody to ask.</summary>
    public static string ResolvConf(IPAddress? gateway) =>
        gateway is null ? "# no network\n" : $"search internal\nnameserver {gateway}\noptions timeout:3 attempts:2\n";

    public static string Hosts(string hostname, IPAddress? address) =>
        $"127.0.0.1 localhost\n::1 localhost ip6-localhost\n{address ?? IPAddress.Loopback} {hostname}\n";
}
