using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Paas.Client;

namespace Paas.Dashboard.Live;

/// <summary>What a page knows of changes: the team's feed, told to the page's components at most ten times a second.</summary>
public sealed partial class LiveFeed(Feeds feeds, Session session, TimeProvider time, ILogger<LiveFeed> logger) : IDisposable
{
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Proof = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<Listener> _listeners = [];
    private readonly List<EventView> _waiting = [];
    private bool _everything;
    private bool _timed;
    private bool _disposed;
    private ITimer? _timer;
    private ITimer? _proof;
    private Feed? _feed;
    private ClaimsPrincipal? _reader;
    private Task? _entering;
    private Task _telling = Task.CompletedTask;
    private Task _proving = Task.CompletedTask;

    /// <summary>The session ended: whoever listens sends the browser to the sign-in page.</summary>
    public event Action? SignedOut;

    /// <summary>All apps of the team as they are now; call <see cref="EnterAsync"/> first.</summary>
    public FeedState State => _feed?.State ?? FeedState.Empty;

    /// <summary>Joins the feed of the session's team; done once the state of all apps is there.</summary>
    /// <exception cref="ProblemException">The session has no right.</exception>
    public Task EnterAsync(CancellationToken cancellationToken) => (_entering ??= JoinAsync(cancellationToken)).WaitAsync(cancellationToken);

    /// <param name="app">Null: changes of every app.</param>
    /// <param name="changed">Gets the events since the last call, in order; null when everything may have changed (a restart of the platform).
    /// Called on no particular thread: go through InvokeAsync.</param>
    /// <returns>Dispose it with the component.</returns>
    public IDisposable Listen(string? app, Func<IReadOnlyList<EventView>?, Task> changed)
    {
        var listener = new Listener(this, app, changed);
        lock (_gate)
        {
            _listeners.Add(listener);
        }

        return listener;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _listeners.Clear();
            _timer?.Dispose();
            _proof?.Dispose();
            Part();
        }
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var who = await session.WhoAsync(cancellationToken);
        _reader = await session.PrincipalAsync();
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _feed = feeds.Enter(who.Team, _reader);
            _feed.Told += Take;
            _proof = time.CreateTimer(_ => Prove(), null, Proof, Proof);
        }

        await _feed.Ready;
    }

    private void Part()
    {
        if (_feed is { } feed)
        {
            feed.Told -= Take;
            feed.Leave(_reader!);
        }
    }

    private void Take(EventView? view)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            if (view is null)
            {
                _everything = true;
            }
            else
            {
                _waiting.Add(view);
            }

            if (!_timed)
            {
                _timed = true;
                _timer ??= time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(Together, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Tell()
    {
        lock (_gate)
        {
            IReadOnlyList<EventView>? events = _everything ? null : [.. _waiting];
            _waiting.Clear();
            (_timed, _everything) = (false, false);
            _telling = TellAsync(_telling, [.. _listeners], events);
        }
    }

    private async Task TellAsync(Task before, IReadOnlyList<Listener> listeners, IReadOnlyList<EventView>? events)
    {
        await before;
        foreach (var listener in listeners)
        {
            var own = events is null || listener.App is null ? events : [.. events.Where(view => view.App == listener.App)];
            if (own is { Count: 0 })
            {
                continue;
            }

            try
            {
                await listener.Changed(own);
            }
            catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException)
            {
                // The component left while it was told.
            }
            catch (Exception error)
            {
                LogListener(error);
            }
        }
    }

    private void Prove()
    {
        if (_proving.IsCompleted)
        {
            _proving = ProveAsync();
        }
    }

    /// <summary>The feed runs with somebody's right of the team; each page proves its own once a minute.</summary>
    private async Task ProveAsync()
    {
        try
        {
            var client = await session.ClientAsync();
            await client.WhoAmIAsync();
        }
        catch (ProblemException error) when (error.Status is 401 or 403)
        {
            Dispose();
            SignedOut?.Invoke();
        }
        catch (Exception error) when (error is HttpRequestException or IOException or ProblemException or ObjectDisposedException)
        {
            // The platform restarts, or the page just left.
        }
    }

    [LoggerMessage(LogLevel.Error, "A page could not take a change")]
    private partial void LogListener(Exception exception);

    private sealed record Listener(LiveFeed Live, string? App, Func<IReadOnlyList<EventView>?, Task> Changed) : IDisposable
    {
        public void Dispose()
        {
            lock (Live._gate)
            {
                Live._listeners.Remove(this);
            }
        }
    }
}
