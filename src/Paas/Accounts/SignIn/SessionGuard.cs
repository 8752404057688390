namespace Paas.Accounts.SignIn;

/// <summary>Closes what was opened with a session (a stream, a circuit's WebSocket) when the session ends, also while it is under way.</summary>
internal sealed class SessionGuard : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HttpContext _http;
    private readonly TimeSpan _grace;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _registration;
    private bool _over;

    private SessionGuard(HttpContext http, Session session, TimeSpan grace, TimeProvider time)
    {
        _http = http;
        _grace = grace;
        _timer = time.CreateTimer(static state => ((SessionGuard)state!).Abort(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = session.Ended.UnsafeRegister(static state => ((SessionGuard)state!).Start(), this);
    }

    /// <param name="grace">The request that ends its own session is still answered, and a page can still say what happened.</param>
    public static void Watch(HttpContext http, Session session, TimeSpan grace, TimeProvider time) =>
        http.Response.RegisterForDispose(new SessionGuard(http, session, grace, time));

    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
        lock (_gate)
        {
            _over = true;
        }
    }

    private void Start() => _timer.Change(_grace, Timeout.InfiniteTimeSpan);

    private void Abort()
    {
        // The server uses the context again for the connection's next request.
        lock (_gate)
        {
            if (!_over)
            {
                _http.Abort();
            }
        }
    }
}
