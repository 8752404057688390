using System.Collections.Concurrent;

namespace Paas.Deploys;

/// <summary>One deploy at a time per app, in order of asking. Turns live in memory: a push whose control died is gone with it,
/// and what resumes asks anew.</summary>
public sealed class DeployQueue
{
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _turns = new();

    /// <summary>Waits for the app's turn. Dispose the turn when the deploy is over (a push: when its receive-pack has exited).</summary>
    /// <param name="appId">The app.</param>
    /// <param name="waiting">Called once with a sentence when somebody else has the turn.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    public async Task<IAsyncDisposable> TakeAsync(long appId, Action<string>? waiting, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(appId, static _ => new SemaphoreSlim(1, 1));
        if (!await turn.WaitAsync(TimeSpan.Zero, CancellationToken.None))
        {
            waiting?.Invoke("Another deploy of this app is under way: waiting for its end.");
            await turn.WaitAsync(cancellationToken);
        }

        return new Turn(turn);
    }

    /// <summary>Whether somebody has the app's turn now.</summary>
    public bool IsTaken(long appId) => _turns.TryGetValue(appId, out var turn) && turn.CurrentCount == 0;

    private sealed class Turn(SemaphoreSlim turn) : IAsyncDisposable
    {
        private int _given;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                turn.Release();
            }

            return ValueTask.CompletedTask;
        }
    }
}
