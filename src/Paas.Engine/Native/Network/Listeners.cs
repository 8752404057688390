using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Paas.Engine.Native.Network;

/// <summary>What listens inside an instance, read from the kernel's table of its network namespace (proc(5), /proc/net/tcp).</summary>
internal static class Listeners
{
    private const string Listen = "0A"; // TCP_LISTEN of net/tcp_states.h

    /// <summary>Empty when the process is gone.</summary>
    public static IReadOnlyList<Listener> Of(int pid) => [.. Read($"/proc/{pid}/net/tcp").Concat(Read($"/proc/{pid}/net/tcp6")).Distinct()];

    /// <param name="table">Lines of /proc/net/tcp or tcp6, the heading included.</param>
    public static IEnumerable<Listener> Parse(IEnumerable<string> table)
    {
        foreach (var line in table)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, Listen, ..]
                && local.Split(':') is [var address, var port]
                && ToAddress(address) is { } ip
                && int.TryParse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            {
                yield return new Listener(ip, number);
            }
        }
    }

    private static IEnumerable<Listener> Read(string path)
    {
        try
        {
            return [.. Parse(File.ReadLines(path))];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return [];
        }
    }

    /// <summary>The kernel prints each 32-bit word in the machine's own byte order (little-endian wherever we run).</summary>
    private static IPAddress? ToAddress(string hex)
    {
        if (hex.Length is not (8 or 32))
        {
            return null;
        }

        var bytes = new byte[hex.Length / 2];
        for (var word = 0; word < hex.Length / 8; word++)
        {
            if (!uint.TryParse(hex.AsSpan(word * 8, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(word * 4), value);
        }

        return new IPAddress(bytes);
    }
}
