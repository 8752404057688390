namespace Paas.Engine;

/// <summary>Watches an engine and remembers the newest state of each instance.</summary>
internal sealed class Observer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<InstanceId, InstanceState> _states = [];
    private readonly List<(Func<InstanceState, bool> Wanted, TaskCompletionSource<InstanceState> Found)> _waiting = [];
    private readonly Dictionary<InstanceId, TaskCompletionSource> _gone = [];
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

    /// <summary>Returns when the instance is known no more.</summary>
    public async Task UntilGoneAsync(InstanceId id, CancellationToken cancellationToken)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_states)
        {
            if (!_states.ContainsKey(id))
            {
                return;
            }

            _gone[id] = gone;
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
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
                    if (_gone.Remove(gone.Id, out var waiter))
                    {
                        waiter.SetResult();
                    }
                }
                else if (change is InstanceObserved { Instance: var state })
                {
                    _states[state.Id] = state;
                    foreach (var one in _waiting.Where(one => one.Wanted(state)).ToArray())
                    {
                        _waiting.Remove(one);
                        one.Found.TrySetResult(state);
                    }
                }
            }
        }
    }
}
