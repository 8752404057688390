using Paas.State;

namespace Paas.Routing;

/// <summary>Control's end of the contract with the edge: puts tables, learns what is in flight.</summary>
public sealed partial class RoutePublisher(RoutingOptions options, PlatformHome home, TimeProvider time, ILogger<RoutePublisher> logger) : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private readonly EdgeChannel _edge = new(home.EdgeSocket);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _numbering = new();
    private volatile RouteTable? _newest;
    private long _acknowledged;

    /// <summary>The last table published, whether or not the edge has it; null before the first.</summary>
    public RouteTable? Newest => _newest;

    /// <summary>Numbers the table, sends it and returns when the edge has acknowledged it; keeps it for an edge that comes back.</summary>
    /// <remarks>Callers that build their tables side by side pass the other overload a function instead, or an older state can get the higher number.</remarks>
    /// <exception cref="EdgeUnreachableException">The edge did not take it within its deadline.</exception>
    public Task PublishAsync(IReadOnlyDictionary<string, AppRoute> routes, CancellationToken cancellationToken) =>
        PublishAsync(() => routes, cancellationToken);

    /// <summary>As the other, but the routes are read at the moment that the table gets its number: a higher number is never older.</summary>
    /// <param name="read">Short, and without waiting for another publication: it runs under the lock that numbers tables.</param>
    /// <param name="cancellationToken">Ends the wait; the table is sent all the same.</param>
    /// <exception cref="EdgeUnreachableException">The edge did not take it within its deadline.</exception>
    public async Task PublishAsync(Func<IReadOnlyDictionary<string, AppRoute>> read, CancellationToken cancellationToken)
    {
        var number = Next(read).Number;
        var began = time.GetTimestamp();
        Exception? last = null;
        while (Volatile.Read(ref _acknowledged) < number)
        {
            var left = options.PublishDeadline - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                throw new EdgeUnreachableException(
                    $"The edge did not take route table {number} within {options.PublishDeadline.TotalSeconds:0.#} s. Is `paasd edge` running? Its log is {Path.Combine(home.Logs, "edge.log")}.", last);
            }

            last = await TrySendNewestAsync(left, cancellationToken) ?? last;
            if (Volatile.Read(ref _acknowledged) < number)
            {
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    /// <summary>Takes the place of the newest table without waiting: an edge that is away gets it when it is back.</summary>
    /// <param name="read">As for <see cref="PublishAsync(Func{IReadOnlyDictionary{string, AppRoute}}, CancellationToken)"/>.</param>
    public void Replace(Func<IReadOnlyDictionary<string, AppRoute>> read) => Next(read);

    /// <summary>Returns when nothing is in flight to the endpoint, <paramref name="drain"/> has passed, or the edge is gone.</summary>
    /// <remarks>Ask only for an endpoint that an acknowledged table no longer has: another one can get its next request at any time.</remarks>
    public async Task ClearedAsync(string endpointId, TimeSpan drain, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(20);
        while (await _edge.InFlightAsync(cancellationToken) is { } counts && counts.GetValueOrDefault(endpointId) > 0)
        {
            var left = drain - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                LogStillInFlight(counts[endpointId], endpointId, drain.TotalSeconds);
                return;
            }

            await Task.Delay(left < pause ? left : pause, time, cancellationToken);
            pause = pause * 2 < TimeSpan.FromMilliseconds(500) ? pause * 2 : pause;
        }
    }

    /// <summary>What the edge has counted since it started; null: it is away.</summary>
    internal Task<EdgeCounts?> CountsAsync(CancellationToken cancellationToken) => _edge.CountsAsync(cancellationToken);

    /// <summary>Gives an edge that lost the newest table, or never had it, that table.</summary>
    internal async Task LookAfterEdgeAsync(CancellationToken cancellationToken)
    {
        if (_newest is not { } newest || await _edge.PingAsync(cancellationToken) is not { } has
            || (has == newest.Number && Volatile.Read(ref _acknowledged) == newest.Number))
        {
            return;
        }

        Interlocked.CompareExchange(ref _acknowledged, 0, newest.Number);
        if (await TrySendNewestAsync(options.PublishDeadline, cancellationToken) is null)
        {
            LogGivenAgain(newest.Number, has);
        }
    }

    public void Dispose()
    {
        _edge.Dispose();
        _sending.Dispose();
    }

    private RouteTable Next(Func<IReadOnlyDictionary<string, AppRoute>> read)
    {
        lock (_numbering)
        {
            return _newest = new RouteTable(
                (_newest?.Number ?? 0) + 1,
                BootId.Current,
                [.. PlatformHosts.Of(options.BaseDomain), .. options.MorePlatformHosts],
                read(),
                new DnsTable(options.DnsListen, options.DnsUpstreams ?? HostResolvers.Read()));
        }
    }

    /// <summary>Null: the edge has the newest table, or somebody else is still sending.</summary>
    private async Task<Exception?> TrySendNewestAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await _sending.WaitAsync(patience, cancellationToken))
        {
            return null;
        }

        try
        {
            // A table that waited its turn may be older than what the edge has by now: the newest one speaks for all before it.
            if (_newest is { } table && table.Number != Volatile.Read(ref _acknowledged))
            {
                Volatile.Write(ref _acknowledged, await _edge.PutAsync(table, cancellationToken));
            }

            return null;
        }
        catch (HttpRequestException error)
        {
            return error;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            return error;
        }
        finally
        {
            _sending.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} requests were still in flight to {Endpoint} after {Seconds} s.")]
    private partial void LogStillInFlight(int count, string endpoint, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Gave the edge table {Number}; it had table {Had}.")]
    private partial void LogGivenAgain(long number, long had);
}

/// <summary>The edge did not answer.</summary>
public sealed class EdgeUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
