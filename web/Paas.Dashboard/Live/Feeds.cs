using System.Security.Claims;
using Microsoft.Extensions.Logging;

namespace Paas.Dashboard.Live;

/// <summary>The running feeds, one a team. Nothing runs while nobody looks.</summary>
public sealed class Feeds : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromMinutes(1);

    private readonly ApiClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Feed> _feeds = new(StringComparer.Ordinal);
    private readonly ITimer _sweep;

    public Feeds(ApiClients clients, TimeProvider time, ILogger<Feeds> logger)
    {
        (_clients, _time, _logger) = (clients, time, logger);
        _sweep = time.CreateTimer(_ => Sweep(), null, Linger, Linger);
    }

    /// <param name="team">Of the reader, as the API said: the caller has proven that the reader is of it.</param>
    internal Feed Enter(string team, ClaimsPrincipal reader)
    {
        lock (_gate)
        {
            if (_feeds.TryGetValue(team, out var feed) && feed.Enter(reader))
            {
                return feed;
            }

            feed = _feeds[team] = new Feed(_clients, reader, _time, _logger);
            feed.Enter(reader);
            return feed;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        foreach (var feed in _feeds.Values)
        {
            await feed.DisposeAsync();
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            foreach (var (team, feed) in _feeds.Where(item => item.Value.IdleSince + Linger < _time.GetUtcNow()).ToList())
            {
                _feeds.Remove(team);
                feed.End();
            }
        }
    }
}
