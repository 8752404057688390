using System.Net;

namespace Paas.Routing;

/// <summary>The DNS servers of this host, which the edge asks on behalf of instances.</summary>
public static class HostResolvers
{
    /// <summary>systemd-resolved's list of the real servers; resolv.conf(5) itself names its stub only.</summary>
    private const string Resolved = "/run/systemd/resolve/resolv.conf";

    private const string Standard = "/etc/resolv.conf";

    /// <summary>As the host is configured now; empty when it has no DNS.</summary>
    public static IReadOnlyList<string> Read()
    {
        var standard = ReadFile(Standard);
        return standard.Any(IsStub) && ReadFile(Resolved) is { Count: > 0 } real ? real : standard;
    }

    /// <summary>The "nameserver" lines of a resolv.conf(5), in order.</summary>
    public static IReadOnlyList<string> Parse(string text) =>
    [
        .. text.Split('\n')
            .Select(static line => line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(static words => words is ["nameserver", _, ..] && IPAddress.TryParse(words[1], out _))
            .Select(static words => words[1])
            .Distinct(),
    ];

    private static bool IsStub(string server) => server is "127.0.0.53" or "127.0.0.54";

    private static IReadOnlyList<string> ReadFile(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
