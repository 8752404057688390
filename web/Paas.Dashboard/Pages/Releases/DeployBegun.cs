using Paas.Dashboard.Live;

namespace Paas.Dashboard.Pages.Releases;

/// <summary>Completes when something that was asked for shows in the feed.</summary>
internal sealed class DeployBegun : IDisposable
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _listening;

    public DeployBegun(LiveFeed live, string app, Func<bool> hasBegun)
    {
        _listening = live.Listen(app, _ =>
        {
            if (hasBegun())
            {
                _begun.TrySetResult();
            }

            return Task.CompletedTask;
        });
    }

    public Task Begun => _begun.Task;

    public void Dispose() => _listening.Dispose();
}
