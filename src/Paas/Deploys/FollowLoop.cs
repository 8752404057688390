using System.Threading.Channels;
using Paas.Activity;
using Paas.Apps;
using Paas.Instances;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Looks after the tags that apps follow: every five minutes with one HEAD each, at once when one of this platform's own is pushed.
/// A new digest is deployed; one that did not come up is not tried again until there is another.</summary>
public sealed partial class FollowLoop(
    FollowedImages followed, ImageDeploys deploys, AppImages images, RegistryClient client, RegistryLoginStore logins, AppStore apps,
    PlatformAddress address, InstancesLoop instances, ActivityLog activity, TimeProvider time, ILogger<FollowLoop> logger) : BackgroundService
{
    /// <summary>Between two looks that go well.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private const int MostDoublings = 6;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Somebody pushed to a repository of this platform: who follows that tag looks at once.</summary>
    public void Pushed(PushedImage image)
    {
        foreach (var item in followed.All())
        {
            if (apps.Find(item.AppId) is { } app && app.TeamId == image.TeamId && NameOf(item, app) is ImageName.Own own && own.Reference.Tag == image.Tag && IsSame(own, app, image))
            {
                followed.Hurry(item.AppId, time.GetUtcNow());
                _due.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>Where a failing look's next one is: 5, 10, 20 ... minutes, 5 hours at most; later when the registry asks for it.</summary>
    internal static TimeSpan PauseAfter(long failures, TimeSpan? asked)
    {
        var pause = Every * Math.Pow(2, Math.Min(failures, MostDoublings));
        return asked is { } wish && wish > pause ? (wish < TimeSpan.FromDays(1) ? wish : TimeSpan.FromDays(1)) : pause;
    }

    /// <summary>Looks out of turn.</summary>
    internal Task LookNowAsync(long appId, CancellationToken cancellationToken) => followed.Find(appId) is { } item ? LookAsync(item, cancellationToken) : Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await instances.Ready.WaitAsync(stoppingToken);
        using var ticks = new PeriodicTimer(Tick, time);
        var tick = ticks.WaitForNextTickAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var item in followed.All().TakeWhile(item => item.NextAt <= time.GetUtcNow()))
            {
                await LookAsync(item, stoppingToken);
            }

            var poke = _due.Reader.WaitToReadAsync(stoppingToken).AsTask();
            if (await Task.WhenAny(tick, poke) == tick)
            {
                await tick;
                tick = ticks.WaitForNextTickAsync(stoppingToken).AsTask();
            }

            while (_due.Reader.TryRead(out _))
            {
            }
        }
    }

    private async Task LookAsync(FollowedImage item, CancellationToken cancellationToken)
    {
        if (apps.Find(item.AppId) is not { } app)
        {
            return;
        }

        try
        {
            var name = NameOf(item, app);
            var digest = await DigestOfAsync(app, name, cancellationToken);
            followed.Looked(item, null, time.GetUtcNow(), time.GetUtcNow() + Every);
            if (item.Failures > 0)
            {
                activity.Record(app.TeamId, app.Id, "platform", "image.follow.well", $"{item.Reference}, which {app.Name} follows, can be looked at again.");
            }

            if (digest.ToString() != item.Digest)
            {
                // Before: one that cannot be taken in is not tried again and again. After: the tag may have moved once more.
                followed.Deployed(item, digest.ToString());
                var record = await deploys.StartAsync(app, new ImageWish(name, "platform"), release => followed.Deployed(item, release.Run!.Digest), cancellationToken);
                LogNew(item.Reference, digest.Short, app.Name, record.Number);
            }
        }
        catch (Exception error) when (error is RegistryClientException or ImageRefusedException or UserError)
        {
            var asked = (error as RegistryClientException)?.RetryAfter;
            followed.Looked(item, error.Message, time.GetUtcNow(), time.GetUtcNow() + PauseAfter(item.Failures + 1, asked));
            if (item.Failures == 0)
            {
                activity.Record(app.TeamId, app.Id, "platform", "image.follow.failed", $"{app.Name} follows {item.Reference}, but it could not be looked at. {error.Message} It is tried again, ever more rarely.");
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            followed.Looked(item, "The platform itself failed; its log says why.", time.GetUtcNow(), time.GetUtcNow() + PauseAfter(item.Failures + 1, null));
            LogFailed(item.Reference, error);
        }
    }

    private async Task<Digest> DigestOfAsync(App app, ImageName name, CancellationToken cancellationToken) => name switch
    {
        ImageName.Own own => images.Find(app.TeamId, own.Repository) is { } repository && images.Manifest(repository, own.Reference) is { } manifest
            ? manifest.Digest
            : throw new ImageRefusedException($"This platform's registry has no image {own.Text}."),
        ImageName.Remote { Image: var image } => await client.Open(image, logins.Find(app.TeamId, image.Host)).DigestOfAsync(image.Reference, cancellationToken)
            ?? throw new ImageRefusedException($"{image.Host}/{image.Repository} has no image '{image.Reference}'."),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private ImageName NameOf(FollowedImage item, App app) => ImageName.Parse(item.Reference, app, address, images);

    private bool IsSame(ImageName.Own own, App app, PushedImage image) => apps.Find(app.TeamId, own.Repository.First) is { } owner
        ? owner.Id == image.AppId && own.Repository.Rest == image.Path
        : image.AppId is null && own.Repository.ToString() == image.Path;

    [LoggerMessage(LogLevel.Information, "{Reference} is {Digest} now: deploying it to {App} as v{Number}")]
    private partial void LogNew(string reference, string digest, string app, int number);

    [LoggerMessage(LogLevel.Error, "{Reference} could not be looked at.")]
    private partial void LogFailed(string reference, Exception error);
}
