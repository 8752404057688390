using Paas.Accounts;
using Paas.Apps;

namespace Paas.Git;

/// <summary>A push under way: from the start of its receive-pack until that has exited and its hook is answered.</summary>
/// <remarks>
/// <code>
/// receive-pack   starts ----------- hook waits ------------- moves the refs, exits
/// hook                    connects, asks ... verdict |
/// turn                         taken  ============================== given back
/// </code>
/// The turn outlasts the verdict because git moves the ref in between: the next push has to see the moved branch.
/// </remarks>
/// <param name="id">Random: knowing it is what lets a hook speak for this push.</param>
/// <param name="clientGone">The person's git has gone away.</param>
internal sealed class Push(string id, App app, Caller caller, CancellationToken clientGone)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _answering;
    private bool _closed;
    private IAsyncDisposable? _turn;

    public string Id => id;

    public App App => app;

    public Caller Caller => caller;

    public CancellationToken ClientGone => clientGone;

    /// <summary>False: this push has a hook already, or is over.</summary>
    public bool TryBeginAnswer()
    {
        lock (_lock)
        {
            if (_closed || _answering is not null)
            {
                return false;
            }

            _answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    public void EndAnswer() => _answering?.TrySetResult();

    /// <summary>Only between <see cref="TryBeginAnswer"/> and <see cref="EndAnswer"/>.</summary>
    public void Hold(IAsyncDisposable turn) => _turn = turn;

    /// <summary>When receive-pack has exited: waits for a deploy that outlived its hook, then gives the turn back.</summary>
    /// <param name="last">Done before the turn is given back.</param>
    public async Task CloseAsync(Func<Task> last)
    {
        Task answered;
        lock (_lock)
        {
            _closed = true;
            answered = _answering?.Task ?? Task.CompletedTask;
        }

        await answered;
        try
        {
            await last();
        }
        finally
        {
            if (_turn is not null)
            {
                await _turn.DisposeAsync();
            }
        }
    }
}
