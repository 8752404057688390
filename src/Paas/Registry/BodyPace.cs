namespace Paas.Registry;

/// <summary>Ends a body that only trickles: it holds a connection, memory and its upload's turn. Averaged over
/// <see cref="RegistryOptions.BodyPatience"/>, so that a slow line and a client that stops to think live.</summary>
internal sealed class BodyPace : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _timer;
    private readonly int _least;
    private long _arrived;

    /// <param name="aborted">Stops the body too.</param>
    public BodyPace(RegistryOptions options, TimeProvider time, params ReadOnlySpan<CancellationToken> aborted)
    {
        _least = options.LeastBody;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _timer = time.CreateTimer(_ => Look(), null, options.BodyPatience, options.BodyPatience);
    }

    public CancellationToken Token => _stop.Token;

    public bool WasTooSlow { get; private set; }

    public void Arrived(long bytes) => Interlocked.Add(ref _arrived, bytes);

    public void Dispose()
    {
        _timer.Dispose();
        _stop.Dispose();
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _arrived, 0) < _least)
        {
            WasTooSlow = true;
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The body ended in this moment.
            }
        }
    }
}
