using Paas.Apps;
using Paas.Buildpacks;
using Paas.Instances;
using Paas.Oci;
using Paas.Releases;

namespace Paas.Patching;

/// <summary>What the newest run image means for one app: its image anew, or why not.</summary>
public sealed class AppRebase(RolloutStore rollouts, ReleaseStore releases, Images images, Rebase rebase)
{
    /// <summary>Which run image an app's release stands on; null: none of the platform's.</summary>
    public async Task<Digest?> RunImageOfAsync(App app, CancellationToken cancellationToken) =>
        CurrentOf(app) is { Run: null } release && await TryReadAsync(release.Image, cancellationToken) is { } image ? Rebase.RunImageOf(image) : null;

    /// <summary>Looks, and makes the image. Milliseconds: what is new is a config and a manifest.</summary>
    public async Task<RebaseVerdict> RunAsync(App app, Image runImage, CancellationToken cancellationToken)
    {
        if (CurrentOf(app) is not { } release)
        {
            return new RebaseVerdict.Skipped(null, "Nothing has been deployed yet.");
        }

        if (release.Run is { } elsewhere)
        {
            return new RebaseVerdict.Skipped(release, $"Its image was not built here ({elsewhere.Reference}): deploy one with newer packages.");
        }

        if (await TryReadAsync(release.Image, cancellationToken) is not { } image)
        {
            return new RebaseVerdict.Refused(release, $"The image of {release.Tag} is not whole: push again to build a new one.");
        }

        if (image.Config.Config?.Labels?.ContainsKey("io.buildpacks.lifecycle.metadata") != true)
        {
            return new RebaseVerdict.Skipped(release, "Its image was not made by buildpacks (a Dockerfile's has its own base): push again to build it on a newer one.");
        }

        var before = Rebase.RunImageOf(image);
        if (before == runImage.Digest)
        {
            return new RebaseVerdict.Current(release);
        }

        try
        {
            return new RebaseVerdict.Rebased(release, await rebase.RunAsync(image, runImage, null, cancellationToken), before);
        }
        catch (LifecycleFailure.NotRebasable refused)
        {
            return new RebaseVerdict.Refused(release, refused.Message);
        }
    }

    private Release? CurrentOf(App app) => rollouts.CurrentOf(app.Id) is { } row ? releases.Find(app.Id, row.Release) : null;

    private async Task<Image?> TryReadAsync(Digest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return await images.ReadAsync(manifest, cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            return null;
        }
    }
}

/// <param name="Release">What serves now.</param>
public abstract record RebaseVerdict(Release? Release)
{
    /// <param name="Image">On the new run image; not yet anybody's.</param>
    /// <param name="Before">The run image that it was on; null: it did not say.</param>
    public sealed record Rebased(Release Of, Image Image, Digest? Before) : RebaseVerdict(Of);

    /// <summary>It is on that run image already.</summary>
    public sealed record Current(Release Of) : RebaseVerdict(Of);

    public sealed record Skipped(Release? Of, string Sentence) : RebaseVerdict(Of);

    public sealed record Refused(Release Of, string Sentence) : RebaseVerdict(Of);
}
