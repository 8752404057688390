using System.Security.Claims;
using Paas.Client;

namespace Paas.Dashboard.Live;

/// <summary>What one team's event stream tells, kept for all of the team's open pages: one connection, one copy of the apps.</summary>
/// <remarks>Runs with the right of one of its readers; when that session ends, with another's. It ends a while after the last reader left.</remarks>
internal sealed class Feed : IAsyncDisposable
{
    private readonly ApiClients _clients;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly List<ClaimsPrincipal> _readers = [];
    private ClaimsPrincipal _last;
    private volatile FeedState _state = FeedState.Empty;

    public Feed(ApiClients clients, ClaimsPrincipal first, TimeProvider time)
    {
        (_clients, _time, _last) = (clients, time, first);
        _running = RunAsync(_ending.Token);
    }

    /// <summary>Every event, after <see cref="State"/> has it; on whichever thread reads. Null: everything may have changed.</summary>
    public event Action<EventView?>? Told;

    public FeedState State => _state;

    /// <summary>It has ended and tells nothing any more.</summary>
    public bool IsOver => _running.IsCompleted;

    /// <summary>Done once the state of all apps is known; faulted when it cannot be had.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Since when nobody reads; null while somebody does.</summary>
    public DateTimeOffset? IdleSince { get; private set; }

    public void Enter(ClaimsPrincipal reader)
    {
        lock (_gate)
        {
            _readers.Add(reader);
            (_last, IdleSince) = (reader, null);
        }
    }

    public void Leave(ClaimsPrincipal reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
            IdleSince = _readers.Count == 0 ? _time.GetUtcNow() : null;
        }
    }

    /// <summary>Without waiting for it.</summary>
    public void End() => _ending.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        string? last = null;
        var refused = new HashSet<ClaimsPrincipal>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var principal = Pick(refused);
            if (principal is null)
            {
                Fail(new ProblemException(401, "signed_out", "You are signed out: sign in again."));
                return;
            }

            try
            {
                using var client = _clients.Of(principal);
                await foreach (var item in client.EventsAsync(last, cancellationToken).ConfigureAwait(false))
                {
                    last = item.EventId ?? last;
                    Take(item.Data);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ProblemException error) when (error.Status is 401 or 403)
            {
                refused.Add(principal);
            }
            catch (Exception error) when (error is ProblemException or HttpRequestException or IOException)
            {
                if (!_ready.Task.IsCompleted)
                {
                    Fail(error);
                    return;
                }

                await Task.Delay(TimeSpan.FromSeconds(2), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private ClaimsPrincipal? Pick(HashSet<ClaimsPrincipal> refused)
    {
        lock (_gate)
        {
            return _readers.FirstOrDefault(reader => !refused.Contains(reader)) ?? (_readers.Count == 0 && !refused.Contains(_last) ? _last : null);
        }
    }

    private void Fail(Exception error)
    {
        _ready.TrySetException(error);
        Told?.Invoke(null);
    }

    private void Take(EventView view)
    {
        _state = _state.With(view);
        if (view.Kind == "ready")
        {
            var first = _ready.TrySetResult();
            if (!first)
            {
                Told?.Invoke(null);
            }

            return;
        }

        if (_ready.Task.IsCompleted)
        {
            Told?.Invoke(view);
        }
    }
}
