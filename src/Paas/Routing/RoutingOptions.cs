namespace Paas.Routing;

/// <summary>What control adds to each table, and how long it waits for the edge.</summary>
public sealed class RoutingOptions
{
    /// <summary>Apps are served at &lt;app&gt;.&lt;base domain&gt;, the platform at the domain itself.</summary>
    public string BaseDomain { get; init; } = "localhost";

    /// <summary>Hosts of the platform beside those of the base domain.</summary>
    public IReadOnlyList<string> MorePlatformHosts { get; init; } = [];

    /// <summary>Address of the instances' gateway; a port after a colon if it is not 53. Null: the edge answers no DNS.</summary>
    public string? DnsListen { get; init; }

    /// <summary>Resolvers that the edge asks; null: those of the host.</summary>
    public IReadOnlyList<string>? DnsUpstreams { get; init; }

    /// <summary>An edge that restarts is back within 2 s; one that is not there after this long makes a deploy fail.</summary>
    public TimeSpan PublishDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often control looks whether the edge still has the newest table.</summary>
    public TimeSpan LookAfterEdge { get; init; } = TimeSpan.FromSeconds(2);
}
