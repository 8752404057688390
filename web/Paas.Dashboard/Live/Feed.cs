using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Paas.Client;

namespace Paas.Dashboard.Live;

/// <summary>What one team's event stream tells, kept for all of the team's open pages: one connection, one copy of the apps.</summary>
/// <remarks>Runs with the right of one of its readers; when that session ends, with another's. It ends a while after the last reader left.</remarks>
internal sealed partial class Feed : IAsyncDisposable
{
    private readonly ApiClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly List<ClaimsPrincipal> _readers = [];
    private ClaimsPrincipal _last;
    private bool _over;
    private volatile FeedState _state = FeedState.Empty;

    public Feed(ApiClients clients, ClaimsPrincipal first, TimeProvider time, ILogger logger)
    {
        (_clients, _time, _logger, _last) = (clients, time, logger, first);
        _running = RunAsync(_ending.Token);
    }

    /// <summary>Every event, after <see cref="State"/> has it; on whichever thread reads. Null: everything may have changed.</summary>
    public event Action<EventView?>? Told;

    public FeedState State => _state;

    /// <summary>Done once the state of all apps is known; faulted when it cannot be had.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Since when nobody reads; null while somebody does.</summary>
    public DateTimeOffset? IdleSince { get; private set; }

    /// <summary>False: it has ended, another has to be begun.</summary>
    public bool Enter(ClaimsPrincipal reader)
    {
        lock (_gate)
        {
            if (_over)
            {
                return false;
            }

            _readers.Add(reader);
            (_last, IdleSince) = (reader, null);
            return true;
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
    public void End()
    {
        lock (_gate)
        {
            _over = true;
        }

        _ending.Cancel();
    }

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
                _ready.TrySetException(new ProblemException(401, "signed_out", "You are signed out: sign in again."));
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
            catch (Exception error)
            {
                // Whatever it was, pages that say nothing for ever would be worse than another try.
                LogBroken(error);
                await Task.Delay(TimeSpan.FromSeconds(2), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Null, and over for good: nobody who reads has a right any more.</summary>
    private ClaimsPrincipal? Pick(HashSet<ClaimsPrincipal> refused)
    {
        lock (_gate)
        {
            var principal = _readers.Find(reader => !refused.Contains(reader)) ?? (_readers.Count == 0 && !refused.Contains(_last) ? _last : null);
            _over = principal is null;
            return principal;
        }
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

    [LoggerMessage(LogLevel.Warning, "The event stream of a team broke; it is opened again")]
    private partial void LogBroken(Exception exception);
}
