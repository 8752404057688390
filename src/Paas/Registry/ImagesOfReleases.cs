namespace Paas.Registry;

/// <summary>The images of an app's releases, newest first. Bound by the slice that knows releases.</summary>
public delegate IReadOnlyList<ReleasedImage> ImagesOfReleases(long appId);

/// <param name="Image">Digest of its manifest.</param>
/// <param name="Live">It is the app's current release.</param>
public sealed record ReleasedImage(int Number, string Image, bool Live);

/// <summary>Which releases run which manifests of one app's repository.</summary>
internal sealed class ReleasesByImage(IReadOnlyList<ReleasedImage> images)
{
    private readonly ILookup<string, ReleasedImage> _byImage = images.ToLookup(item => item.Image, StringComparer.Ordinal);

    public IReadOnlyList<ReleasedImage> All => images;

    /// <summary>Newest first.</summary>
    /// <param name="digests">A manifest and, of an index, what it names: a release runs one of them.</param>
    public IReadOnlyList<ReleasedImage> Of(IEnumerable<string> digests) => [.. digests.SelectMany(digest => _byImage[digest]).DistinctBy(item => item.Number).OrderByDescending(item => item.Number)];
}
