namespace Paas.Deploys;

/// <summary>One deploy at a time per app, in order.</summary>
public sealed class DeployQueue
{
    /// <summary>Waits for the app's turn. Dispose the turn when the deploy is over (a push: when its receive-pack has exited).</summary>
    /// <param name="appId">The app.</param>
    /// <param name="waiting">Called once with a sentence when somebody else has the turn.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    public Task<IAsyncDisposable> TakeAsync(long appId, Action<string>? waiting, CancellationToken cancellationToken) => throw new NotSupportedException($"{appId} {waiting}");
}
