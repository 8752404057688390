using System.Collections.Concurrent;

namespace Paas.Registry;

/// <summary>One request to another registry for all that want the same at one time. It goes on when the one who began it goes away.</summary>
internal sealed class UpstreamFlights<T>(CancellationToken stopping)
{
    private readonly ConcurrentDictionary<string, Task<T>> _running = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <param name="work">Its token ends with the platform only.</param>
    /// <param name="cancellationToken">Ends this one's wait.</param>
    public Task<T> RunAsync(string key, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out var task))
            {
                task = _running[key] = StartAsync(key, work);
            }

            return task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>When all that run have ended, well or not.</summary>
    public async Task EndedAsync() => await Task.WhenAll(_running.Values.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<T> StartAsync(string key, Func<CancellationToken, Task<T>> work)
    {
        // Not under the lock.
        await Task.Yield();
        try
        {
            return await work(stopping);
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }
}
