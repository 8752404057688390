using System.Net;

namespace Paas.Routing;

/// <summary>Which hosts are the platform's own: dashboard, API, git and registry. Every other host is an app's or unknown.</summary>
public static class PlatformHosts
{
    /// <summary>The hosts that a base domain gives the platform.</summary>
    public static IReadOnlyList<string> Of(string baseDomain) =>
        baseDomain == "localhost" ? ["localhost", "registry.localhost"] : [baseDomain, $"registry.{baseDomain}", "localhost"];

    /// <summary>An address instead of a name reaches the platform, never an app.</summary>
    /// <param name="host">Without port; IPv6 in brackets, as in a Host header.</param>
    public static bool IsAddress(string host) =>
        host.Length > 0 && (host[0] == '[' || char.IsAsciiDigit(host[^1])) && IPAddress.TryParse(host, out _);
}
