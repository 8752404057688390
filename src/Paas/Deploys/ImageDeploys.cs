using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Paas.Activity;
using Paas.Apps;
using Paas.Instances;
using Paas.Registry;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>Deploys images: what clients push to an app's own repository, and what somebody asks for. Each waits for the app's turn.</summary>
public sealed partial class ImageDeploys(
    DeployQueue queue, ImageDeploy deploy, ImagePushes pushes, AppStore apps, AppImages images, RolloutStore rollouts, ReleaseStore releases,
    InstancesLoop instances, ActivityLog activity, ILogger<ImageDeploys> logger) : BackgroundService
{
    /// <summary>A push that a control has died of this often is left.</summary>
    private const int MostTries = 3;

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<long, bool> _busy = new();
    private readonly Lock _owning = new();
    private readonly HashSet<Task> _work = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Somebody pushed: an image with any tag in an app's own repository becomes a deploy.</summary>
    public void Pushed(PushedImage image)
    {
        if (image is { AppId: { } appId, Path: "" } && apps.Find(appId) is { } app && ImageKind.IsImage(image.Tag, images.Manifest(images.Find(app)!, Oci.Reference.Of(image.Digest))))
        {
            pushes.Add(appId, image);
            _due.Writer.TryWrite(true);
        }
    }

    /// <summary>Deploys an image that somebody asked for; returns when it has its turn and number, and goes on behind.</summary>
    /// <param name="frozen">Told the release once the image was taken in, before it goes live.</param>
    /// <param name="cancellationToken">The one who asks went away: it leaves the queue, but not a deploy that has begun.</param>
    public async Task<DeployRecord> StartAsync(App app, ImageWish wish, Action<Release> frozen, CancellationToken cancellationToken)
    {
        var began = new TaskCompletionSource<DeployRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        Own(async () =>
        {
            try
            {
                await using var _ = turn;
                var now = apps.Find(app.Id) ?? throw new State.UserError("app_not_found", 404, $"The app '{app.Name}' was destroyed while this waited.");
                await deploy.RunAsync(now, wish, record => began.TrySetResult(record), frozen, _stopping.Token);
            }
            catch (Exception error) when (!began.Task.IsCompleted)
            {
                began.TrySetException(error);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(app.Name, error);
            }
        });
        return await began.Task.WaitAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        Task[] left;
        lock (_owning)
        {
            left = [.. _work];
        }

        await ((Task)Task.WhenAll(left)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What runs already is adopted first; then what an earlier control was told of and did not do.
        await instances.Ready.WaitAsync(stoppingToken);
        _due.Writer.TryWrite(true);
        await foreach (var _ in _due.Reader.ReadAllAsync(stoppingToken))
        {
            foreach (var appId in pushes.Waiting().Where(appId => _busy.TryAdd(appId, true)))
            {
                Own(() => DeployPushesAsync(appId));
            }
        }
    }

    private async Task DeployPushesAsync(long appId)
    {
        try
        {
            await using var turn = await queue.TakeAsync(appId, null, _stopping.Token);
            while (apps.Find(appId) is { } app && pushes.Begin(appId) is { } push)
            {
                await DeployPushAsync(app, push);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next control goes on.
        }
        catch (Exception error)
        {
            LogFailed(appId.ToString(CultureInfo.InvariantCulture), error);
        }
        finally
        {
            _busy.TryRemove(appId, out _);
            if (!_stopping.IsCancellationRequested && pushes.Waiting().Contains(appId))
            {
                _due.Writer.TryWrite(true);
            }
        }
    }

    private async Task DeployPushAsync(App app, ImagePush push)
    {
        if (push.Tries > MostTries)
        {
            pushes.Done(push);
            activity.Record(app.TeamId, app.Id, push.Actor, "deploy.failed", $"The platform stopped {MostTries} times while it deployed {app.Name}:{push.Tag}: push it again to try once more.");
            return;
        }

        // The same image under a second tag, or pushed again: it serves already.
        if (rollouts.CurrentOf(app.Id) is { } current && releases.Find(app.Id, current.Release) is { Run: { } run } release && run.Digest == push.Digest.ToString())
        {
            pushes.Done(push);
            activity.Record(app.TeamId, app.Id, push.Actor, "image.pushed", $"Pushed {app.Name}:{push.Tag}, which serves already as {release.Tag}.");
            return;
        }

        try
        {
            var result = await deploy.RunAsync(
                app, new ImageWish(new ImageName.Pushed(app.Name, push.Tag, push.Digest), push.Actor), static _ => { }, _ => pushes.Done(push), _stopping.Token);
            if (result is DeployResult.Interrupted)
            {
                throw new OperationCanceledException(_stopping.Token);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(app.Name, error);
        }

        pushes.Done(push);
    }

    private void Own(Func<Task> work)
    {
        var task = Task.Run(work);
        lock (_owning)
        {
            _work.RemoveWhere(item => item.IsCompleted);
            _work.Add(task);
        }
    }

    [LoggerMessage(LogLevel.Error, "A deploy of an image of {App} failed.")]
    private partial void LogFailed(string app, Exception error);
}
