namespace Paas.Routing;

/// <summary>What the edge routes by: immutable, numbered, taken whole. A pure function of domains, current releases and healthy instances.</summary>
/// <param name="Number">Grows by one with each publication; from 1 after every start of control.</param>
/// <param name="BootId">Kernel boot id: without a table of this boot the edge serves the platform's hosts and answers 503 for the rest.</param>
/// <param name="PlatformHosts">Hosts that go to control.</param>
/// <param name="Routes">By host name, lower case, without port.</param>
public sealed record RouteTable(
    long Number,
    string BootId,
    IReadOnlyList<string> PlatformHosts,
    IReadOnlyDictionary<string, AppRoute> Routes,
    DnsTable Dns);

/// <param name="Endpoints">Healthy instances; empty: the edge answers 503 with <paramref name="Sentence"/>.</param>
/// <param name="Sentence">Why nothing serves: "Nothing pushed yet", "No web process", "hello is starting".</param>
/// <param name="Id">What its requests are counted under: stays over a rename. Null: its name.</param>
public sealed record AppRoute(string App, IReadOnlyList<RouteEndpoint> Endpoints, string? Sentence, string? Id = null);

/// <param name="Id">Differs for every start of an instance.</param>
public sealed record RouteEndpoint(string Id, string Address, int Port);

/// <param name="Listen">Gateway address of the instances, null: no DNS.</param>
/// <param name="Upstreams">The host's real resolvers.</param>
public sealed record DnsTable(string? Listen, IReadOnlyList<string> Upstreams);
