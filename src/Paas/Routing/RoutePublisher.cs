namespace Paas.Routing;

/// <summary>Control's end of the contract with the edge: puts tables, learns what is in flight.</summary>
public sealed class RoutePublisher
{
    /// <summary>Numbers the table, sends it and returns when the edge has acknowledged it; keeps it for an edge that comes back.</summary>
    /// <exception cref="EdgeUnreachableException">The edge did not take it within its deadline.</exception>
    public Task PublishAsync(IReadOnlyDictionary<string, AppRoute> routes, CancellationToken cancellationToken) => throw new NotSupportedException($"{routes}");

    /// <summary>Returns when nothing is in flight to the endpoint, <paramref name="drain"/> has passed, or the edge is gone.</summary>
    public Task ClearedAsync(string endpointId, TimeSpan drain, CancellationToken cancellationToken) => throw new NotSupportedException($"{endpointId} {drain}");
}

/// <summary>The edge did not answer.</summary>
public sealed class EdgeUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
