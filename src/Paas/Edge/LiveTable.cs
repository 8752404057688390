using System.Text.Json;
using Paas.Routing;
using RouteEndpoint = Paas.Routing.RouteEndpoint;

namespace Paas.Edge;

/// <summary>The route table that requests are answered by: one immutable object in one field, swapped whole.
/// It lies on disk before it is acknowledged, so that an edge that is killed comes back with it.</summary>
internal sealed partial class LiveTable
{
    private readonly string _file;
    private readonly string _bootId;
    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private readonly Dictionary<string, Endpoint> _endpoints = [];
    private readonly Dictionary<string, RequestCounter> _counters = [];

    /// <summary>Control tells by it that the counts began anew.</summary>
    private readonly string _run = Guid.NewGuid().ToString("N");
    private Snapshot _current;

    /// <param name="file">Where the table is kept; a table of another boot that lies there is not used.</param>
    public LiveTable(string file, string bootId, IReadOnlyList<string> platformHosts, ILogger logger)
    {
        (_file, _bootId, _logger) = (file, bootId, logger);
        _current = new Snapshot(0, new HashSet<string>(platformHosts, StringComparer.OrdinalIgnoreCase), [], new DnsTable(null, []));
        if (Load() is { } table)
        {
            Swap(table);
            LogLoaded(table.Number, table.Routes.Count);
        }
    }

    /// <summary>Runs after each swap, under the writer's lock.</summary>
    public event Action<DnsTable>? DnsChanged;

    public long Number => Volatile.Read(ref _current).Number;

    public DnsTable Dns => Volatile.Read(ref _current).Dns;

    /// <summary>Keeps the table for a restart, if the disk takes it, and swaps it in.</summary>
    /// <returns>Its number; null: it is of another boot and was refused.</returns>
    public long? Take(RouteTable table)
    {
        if (table.BootId != _bootId)
        {
            return null;
        }

        lock (_writing)
        {
            Keep(table);
            Swap(table);
            LogTaken(table.Number, table.Routes.Count);
            return table.Number;
        }
    }

    private void Keep(RouteTable table)
    {
        // No fsync: after a power cut the boot id is another one and the file is not used anyway.
        var temporary = _file + ".new";
        try
        {
            using (var stream = File.Create(temporary))
            {
                JsonSerializer.Serialize(stream, table, RoutingJson.Default.RouteTable);
            }

            File.Move(temporary, _file, overwrite: true);
        }
        catch (IOException exception)
        {
            // A full disk must not keep apps from their clients. The last file would lead to addresses that are others' by now.
            File.Delete(_file);
            File.Delete(temporary);
            LogNotKept(_file, exception.Message);
        }
    }

    /// <summary>Requests in flight by endpoint id; endpoints without any are left out.</summary>
    public Dictionary<string, int> InFlight()
    {
        lock (_writing)
        {
            return _endpoints.Values.Where(static endpoint => endpoint.InFlight > 0).ToDictionary(static endpoint => endpoint.Id, static endpoint => endpoint.InFlight);
        }
    }

    /// <summary>Requests by app since this run began.</summary>
    public EdgeCounts Counts()
    {
        lock (_writing)
        {
            return new EdgeCounts(_run, _counters
                .Select(static pair => (Id: pair.Key, Tally: pair.Value.Read()))
                .Where(static app => app.Tally.Requests > 0)
                .ToDictionary(static app => app.Id, static app => app.Tally));
        }
    }

    /// <summary>What a host name leads to.</summary>
    /// <param name="host">In any case, without port and trailing dot.</param>
    public TargetKind Find(string host) => Volatile.Read(ref _current).Find(host);

    /// <summary>Chooses an endpoint of the route and counts the request in; the caller leaves it.</summary>
    /// <param name="not">Was tried already for this request; null: none.</param>
    /// <param name="route">As it is by now, for its sentence; null when the host is no longer an app's.</param>
    /// <returns>Null: nothing is healthy.</returns>
    public Endpoint? Enter(string host, Endpoint? not, out LiveRoute? route)
    {
        while (true)
        {
            var snapshot = Volatile.Read(ref _current);
            route = snapshot.Routes.GetValueOrDefault(host);
            var endpoint = route?.Choose(not);
            if (endpoint is null)
            {
                return null;
            }

            endpoint.Enter();

            // Control sees a count of 0 and stops the instance as soon as a table without it is acknowledged. Whoever read the
            // old table but was not yet counted then must choose again.
            if (ReferenceEquals(snapshot, Volatile.Read(ref _current)))
            {
                return endpoint;
            }

            endpoint.Leave();
        }
    }

    private void Swap(RouteTable table)
    {
        var routes = new Dictionary<string, LiveRoute>(table.Routes.Count, StringComparer.OrdinalIgnoreCase);
        var named = new HashSet<string>();
        foreach (var (host, route) in table.Routes)
        {
            routes[host] = new LiveRoute(route.App, [.. route.Endpoints.Select(EndpointOf)], route.Sentence, CounterOf(route));
            named.UnionWith(route.Endpoints.Select(static endpoint => endpoint.Id));
        }

        Interlocked.Exchange(ref _current, new Snapshot(table.Number, new HashSet<string>(table.PlatformHosts, StringComparer.OrdinalIgnoreCase), routes, table.Dns));
        foreach (var gone in _endpoints.Where(pair => !named.Contains(pair.Key) && pair.Value.InFlight == 0).Select(static pair => pair.Key).ToList())
        {
            _endpoints.Remove(gone);
        }

        foreach (var gone in _counters.Keys.Except(table.Routes.Values.Select(static route => route.Id ?? route.App)).ToList())
        {
            _counters.Remove(gone);
        }

        DnsChanged?.Invoke(table.Dns);
    }

    private Endpoint EndpointOf(RouteEndpoint route) =>
        _endpoints.TryGetValue(route.Id, out var known) ? known : _endpoints[route.Id] = new Endpoint(route);

    private RequestCounter CounterOf(AppRoute route) =>
        _counters.TryGetValue(route.Id ?? route.App, out var known) ? known : _counters[route.Id ?? route.App] = new RequestCounter();

    private RouteTable? Load()
    {
        try
        {
            using var stream = File.OpenRead(_file);
            var table = JsonSerializer.Deserialize(stream, RoutingJson.Default.RouteTable);
            return table?.BootId == _bootId ? table : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            if (error is not FileNotFoundException)
            {
                LogNotLoaded(_file, error.Message);
            }

            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Route table {Number} from disk: {Hosts} hosts.")]
    private partial void LogLoaded(long number, int hosts);

    [LoggerMessage(Level = LogLevel.Information, Message = "Route table {Number}: {Hosts} hosts.")]
    private partial void LogTaken(long number, int hosts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The route table cannot be kept in {File} ({Reason}): it is used, and a restart of the edge waits for the next one.")]
    private partial void LogNotKept(string file, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The route table in {File} cannot be read ({Reason}); control sends a new one.")]
    private partial void LogNotLoaded(string file, string reason);

    private sealed record Snapshot(long Number, HashSet<string> Platform, Dictionary<string, LiveRoute> Routes, DnsTable Dns)
    {
        public TargetKind Find(string host) =>
            Platform.Contains(host) ? TargetKind.Platform
            : Routes.ContainsKey(host) ? TargetKind.App
            : PlatformHosts.IsAddress(host) ? TargetKind.Platform
            : Number == 0 ? TargetKind.NotYetKnown
            : TargetKind.Unknown;
    }
}

/// <summary>Where a host name leads.</summary>
internal enum TargetKind
{
    App,

    /// <summary>To control.</summary>
    Platform,

    /// <summary>There is no table of this boot yet, so it may be an app's.</summary>
    NotYetKnown,

    Unknown,
}
