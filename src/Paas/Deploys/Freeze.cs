using Paas.Apps;
using Paas.Oci;
using Paas.Registry;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>Makes image, config vars and process commands a release, under the number of its deploy.</summary>
public sealed class Freeze(RegistryStore registry, Images images, ReleaseStore releases, TimeProvider time)
{
    /// <summary>The image stays until the release that will name it is written down. One that is not whole is found out when it starts.</summary>
    public Task RenewAsync(Digest image, CancellationToken cancellationToken) => images.TryRenewAsync(image, cancellationToken);

    /// <summary>Of an image that exists already.</summary>
    public Release Keep(long appId, int number, ReleaseDraft draft)
    {
        var release = new Release
        {
            AppId = appId,
            Number = number,
            Image = draft.Image,
            Config = draft.Config,
            Processes = draft.Processes,
            Run = draft.Run,
            Description = draft.Description,
            Commit = draft.Commit,
            Actor = draft.Actor,
            CreatedAt = time.GetUtcNow(),
        };
        releases.Add(release);
        return release;
    }

    /// <summary>Of an image that was just built: it can be pulled by the release's name from now on.</summary>
    public async Task<Release> KeepBuiltAsync(long appId, int number, ReleaseDraft draft, CancellationToken cancellationToken)
    {
        registry.LinkImage(appId, await images.ReadAsync(draft.Image, cancellationToken), Release.TagOf(number));
        return Keep(appId, number, draft);
    }
}

/// <summary>A release before it has its number.</summary>
public sealed record ReleaseDraft(
    Digest Image, IReadOnlyList<ConfigVar> Config, IReadOnlyDictionary<string, string> Processes, string Description, string? Commit, string Actor)
{
    /// <summary>Null: buildpacks built the image here.</summary>
    public ImageRun? Run { get; init; }
}
