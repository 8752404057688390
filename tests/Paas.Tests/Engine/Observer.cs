namespace Paas.Engine;

/// <summary>Watches an engine and remembers the newest state of each instance.</summary>
internal sealed class Observer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<InstanceId, InstanceState> _states = [];
    private readonly List<(Func<InstanceState, bool> Wanted, TaskCompletionSource<InstanceState> Found)> _waiting = [];
    private readonly Task _watching;

    public Observer(IEngine engine) => _watching = Task.Run(() => WatchAsync(engine));

    /// <summary>The first state, known already or still to come, that is as wanted.</summary>
    public async Task<InstanceState> UntilAsync(Func<InstanceState, bool> wanted, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<InstanceState>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_states)
        {
            if (_states.Values.FirstOrDefault(wanted) is { } known)
            {
                return known;
            }

            _waiting.Add((wanted, found));
        }

        return await found.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(IEngine engine)
    {
        await foreach (var change in engine.WatchAsync(_stop.Token))
        {
            lock (_states)
            {
                if (change is InstanceGone gone)
                {
                    _states.Remove(gone.Id);
                }
                else if (change is InstanceObserved { Instance: var state })
                {
                    _states[state.Id] = state;
                    foreach (var waiter in _waiting.Where(waiter => waiter.Wanted(state)).ToArray())
                    {
                        _waiting.Remove(waiter);
                        waiter.Found.TrySetResult(state);
                    }
                }
            }
        }
    }
}
