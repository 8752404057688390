using Paas.Apps;
using Paas.Releases;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Begins and ends the following of a tag, and tells who follows the app.</summary>
internal sealed class Following(FollowedImages followed, IEnumerable<AppChanged> followers, TimeProvider time)
{
    /// <returns>To be told the release that is made of it now.</returns>
    /// <exception cref="UserError">follow_impossible.</exception>
    public async Task<Action<Release>> BeginAsync(App app, ImageName name, string reference, string actor, CancellationToken cancellationToken)
    {
        switch (name)
        {
            case ImageName.Own { Repository: var repository } when repository.ToString() == app.Name:
                throw new UserError("follow_impossible", 400, $"What is pushed to {app.Name}'s own repository is deployed anyway: there is nothing to follow.");
            case ImageName.Own { Reference.Digest: not null } or ImageName.Remote { Image.Reference.Digest: not null }:
                throw new UserError("follow_impossible", 400, "A digest always names the same image: give a tag to follow.");
        }

        followed.Follow(app.Id, reference, actor, time.GetUtcNow() + FollowLoop.Every);
        await TellAsync(new AppChange(app, actor, "app.changed", $"{app.Name} follows {name.Text}."), cancellationToken);
        var begun = followed.Find(app.Id)!;
        return release => followed.Deployed(begun, release.Run!.Digest);
    }

    /// <summary>"It follows none" is success.</summary>
    public async Task EndAsync(App app, string actor, CancellationToken cancellationToken)
    {
        if (followed.Find(app.Id) is { } now && followed.Unfollow(app.Id))
        {
            await TellAsync(new AppChange(app, actor, "app.changed", $"{app.Name} no longer follows {now.Reference}."), cancellationToken);
        }
    }

    private async Task TellAsync(AppChange change, CancellationToken cancellationToken)
    {
        foreach (var follower in followers)
        {
            await follower(change, cancellationToken);
        }
    }
}
