using System.Net;
using Paas.Engine.Native.Disk;

namespace Paas.Engine.Native.Network;

/// <summary>Makes room in a firewall that others keep with iptables: Docker and ufw let the FORWARD chain drop by default,
/// and an accept in a table of ours does not override a drop in theirs. What instances may do is still decided by ours.</summary>
internal static class HostFirewall
{
    /// <summary>The rules this machine lacks, each as arguments for iptables after the command (-C, -I, -D).</summary>
    /// <param name="forward">What `iptables -S FORWARD` says; null when there is no iptables.</param>
    /// <param name="input">What `iptables -S INPUT` says.</param>
    /// <param name="hasDockerUser">Docker keeps that chain for others' rules and never empties it.</param>
    public static IReadOnlyList<string[]> Rules(string tag, IPAddress gateway, string? forward, string? input, bool hasDockerUser)
    {
        string[] mark = ["-m", "comment", "--comment", Firewall.Table(tag), "-j", "ACCEPT"];
        List<string[]> rules = [];
        var chain = hasDockerUser ? "DOCKER-USER" : Drops(forward, "FORWARD") ? "FORWARD" : null;
        if (chain is not null)
        {
            rules.Add([chain, "-i", $"p{tag}+", .. mark]);
            rules.Add([chain, "-o", $"p{tag}+", .. mark]);
        }

        if (Drops(input, "INPUT"))
        {
            foreach (var protocol in (string[])["udp", "tcp"])
            {
                rules.Add(["INPUT", "-i", $"p{tag}+", "-d", gateway.ToString(), "-p", protocol, "--dport", "53", .. mark]);
            }
        }

        return rules;
    }

    /// <summary>Adds what is missing; returns how many rules that were.</summary>
    public static async Task<int> OpenAsync(string tag, IPAddress gateway, CancellationToken cancellationToken)
    {
        var added = 0;
        foreach (var rule in await NeededAsync(tag, gateway, cancellationToken).ConfigureAwait(false))
        {
            if (await IptablesAsync(["-C", .. rule], cancellationToken).ConfigureAwait(false) is null)
            {
                await HostProgram.RunAsync("iptables", ["-w", "5", "-I", .. rule], cancellationToken).ConfigureAwait(false);
                added++;
            }
        }

        return added;
    }

    public static async Task CloseAsync(string tag, IPAddress gateway, CancellationToken cancellationToken)
    {
        foreach (var rule in await NeededAsync(tag, gateway, cancellationToken).ConfigureAwait(false))
        {
            await IptablesAsync(["-D", .. rule], cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<string[]>> NeededAsync(string tag, IPAddress gateway, CancellationToken cancellationToken)
    {
        var forward = await IptablesAsync(["-S", "FORWARD"], cancellationToken).ConfigureAwait(false);
        if (forward is null)
        {
            return [];
        }

        var input = await IptablesAsync(["-S", "INPUT"], cancellationToken).ConfigureAwait(false);
        var docker = await IptablesAsync(["-S", "DOCKER-USER"], cancellationToken).ConfigureAwait(false);
        return Rules(tag, gateway, forward, input, docker is not null);
    }

    /// <returns>What it wrote; null when it failed or there is no iptables.</returns>
    private static async Task<string?> IptablesAsync(string[] args, CancellationToken cancellationToken) =>
        await HostProgram.TryRunAsync("iptables", ["-w", "5", .. args], cancellationToken).ConfigureAwait(false) is (0, var output) ? output : null;

    private static bool Drops(string? listing, string chain) =>
        listing is not null && listing.Split('\n').Any(line => line.Trim() is var rule
            && (rule == $"-P {chain} DROP" || rule.StartsWith($"-A {chain} -j DROP", StringComparison.Ordinal) || rule.StartsWith($"-A {chain} -j REJECT", StringComparison.Ordinal)));
}
