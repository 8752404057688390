using System.Text.Json.Serialization.Metadata;

namespace Paas.Routing;

/// <summary>HTTP on the edge's own Unix socket: tables in, counts out. Only root and the edge's user can open it.</summary>
internal sealed class EdgeChannel : IDisposable
{
    private readonly HttpClient _http;

    public EdgeChannel(string socketPath) => _http = new HttpClient(new SocketsHttpHandler
    {
        UseProxy = false,
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = async (_, cancellationToken) => await LocalSocket.ConnectAsync(socketPath, cancellationToken),
    })
    {
        BaseAddress = new Uri("http://edge"),
        Timeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>The number that the edge acknowledges: the table is on its disk and routes requests.</summary>
    /// <exception cref="HttpRequestException">The edge is away or refused the table.</exception>
    public async Task<long> PutAsync(RouteTable table, CancellationToken cancellationToken)
    {
        using var response = await _http.PutAsJsonAsync("/table", table, RoutingJson.Default.RouteTable, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(await response.Content.ReadAsStringAsync(cancellationToken), null, response.StatusCode);
        }

        return (await response.Content.ReadFromJsonAsync(RoutingJson.Default.EdgeState, cancellationToken))?.Number ?? 0;
    }

    /// <summary>The number of the table that the edge has; null: it is away.</summary>
    public async Task<long?> PingAsync(CancellationToken cancellationToken) =>
        (await GetAsync("/ping", RoutingJson.Default.EdgeState, cancellationToken))?.Number;

    /// <summary>Requests in flight by endpoint id, endpoints without any left out; null: the edge is away.</summary>
    public async Task<IReadOnlyDictionary<string, int>?> InFlightAsync(CancellationToken cancellationToken) =>
        await GetAsync("/inflight", RoutingJson.Default.DictionaryStringInt32, cancellationToken);

    /// <summary>What the edge has counted since it started; null: it is away.</summary>
    public Task<EdgeCounts?> CountsAsync(CancellationToken cancellationToken) => GetAsync("/counts", RoutingJson.Default.EdgeCounts, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await _http.GetFromJsonAsync(path, type, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
