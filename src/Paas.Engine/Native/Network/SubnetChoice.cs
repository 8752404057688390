using System.Globalization;
using System.Net;

namespace Paas.Engine.Native.Network;

/// <summary>Which /16 a home uses: the one it had, unless somebody else has it now; else a free one, kept in the home.</summary>
internal static class SubnetChoice
{
    private static readonly TimeSpan _lockRetry = TimeSpan.FromMilliseconds(20);

    /// <summary>Private /16s in the order they are tried: the upper half of 10/8 from a place that depends on the tag (clouds and
    /// clusters like the lower half), then Docker's range from its far end.</summary>
    public static IEnumerable<IPNetwork> Candidates(string tag)
    {
        const int lowest = 128, count = 127;
        var start = int.Parse(tag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
        {
            var second = lowest + ((start + i) % count);
            if (second != 244) // flannel's default
            {
                yield return new IPNetwork(new IPAddress([10, (byte)second, 0, 0]), 16);
            }
        }

        for (var second = 31; second >= 16; second--)
        {
            yield return new IPNetwork(new IPAddress([172, (byte)second, 0, 0]), 16);
        }
    }

    /// <param name="taken">Destinations of the host's routes (default routes do not count), other homes' subnets, resolvers.</param>
    /// <returns>Null when nothing is free.</returns>
    public static IPNetwork? Choose(string tag, IReadOnlyCollection<IPNetwork> taken) =>
        Candidates(tag).Where(c => IsFree(c, taken)).Select(c => (IPNetwork?)c).FirstOrDefault();

    /// <summary>A route shorter than /4 is a default route in pieces (VPNs write 0.0.0.0/1 and 128.0.0.0/1).</summary>
    public static bool IsFree(IPNetwork subnet, IReadOnlyCollection<IPNetwork> taken) =>
        !taken.Any(t => t.PrefixLength >= 4 && (t.Contains(subnet.BaseAddress) || subnet.Contains(t.BaseAddress)));

    public static IPAddress GatewayOf(IPNetwork subnet)
    {
        var bytes = subnet.BaseAddress.GetAddressBytes();
        return new IPAddress([bytes[0], bytes[1], 0, 1]);
    }

    /// <summary>Settles the subnet with the claims of all homes locked, and writes this home's claim.</summary>
    /// <param name="kept">From the home's state; null at the first start.</param>
    /// <param name="inUse">Instances of this home live in <paramref name="kept"/>: it is not given up.</param>
    /// <param name="taken">What else on this machine is not free.</param>
    public static async Task<IPNetwork> ClaimAsync(
        NetworkOptions options, IPNetwork? kept, bool inUse, IReadOnlyCollection<IPNetwork> taken, CancellationToken cancellationToken)
    {
        await using var file = await LockAsync(options.LockFile, cancellationToken).ConfigureAwait(false);
        var claims = await ReadClaimsAsync(file, cancellationToken).ConfigureAwait(false);
        claims.Remove(options.Tag);
        IPNetwork[] all = [.. taken, .. claims.Values];
        var subnet = options.Subnet
            ?? (kept is { } old && (inUse || IsFree(old, all)) ? kept : null)
            ?? Choose(options.Tag, all)
            ?? throw new EngineException("No private /16 is free for the instances' network: every one overlaps a route of this machine. Set one in the network settings.");
        claims[options.Tag] = subnet;
        await WriteClaimsAsync(file, claims, cancellationToken).ConfigureAwait(false);
        return subnet;
    }

    public static async Task ForgetAsync(NetworkOptions options, CancellationToken cancellationToken)
    {
        await using var file = await LockAsync(options.LockFile, cancellationToken).ConfigureAwait(false);
        var claims = await ReadClaimsAsync(file, cancellationToken).ConfigureAwait(false);
        if (claims.Remove(options.Tag))
        {
            await WriteClaimsAsync(file, claims, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>FileShare.None is flock(2) on Linux: it ends with the process that holds it.</summary>
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (; ; )
        {
            try
            {
                return new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                await Task.Delay(_lockRetry, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Dictionary<string, IPNetwork>> ReadClaimsAsync(FileStream file, CancellationToken cancellationToken)
    {
        Dictionary<string, IPNetwork> claims = [];
        using var reader = new StreamReader(file, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Split(' ') is [var tag, var text] && IPNetwork.TryParse(text, out var subnet))
            {
                claims[tag] = subnet;
            }
        }

        return claims;
    }

    private static async Task WriteClaimsAsync(FileStream file, Dictionary<string, IPNetwork> claims, CancellationToken cancellationToken)
    {
        file.SetLength(0);
        await using var writer = new StreamWriter(file, leaveOpen: true);
        foreach (var (tag, subnet) in claims)
        {
            await writer.WriteAsync($"{tag} {subnet}\n".AsMemory(), cancellationToken).ConfigureAwait(false);
        }
    }
}
