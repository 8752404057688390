using System.Text.RegularExpressions;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>A client has put a tag on a manifest, and both are committed. Every slice above that must follow registers one; it only writes down
/// what is to be done, because the client waits. What the platform itself writes is not told.</summary>
public delegate void ImagePushed(PushedImage image);

/// <param name="TeamId">Whose repository it is.</param>
/// <param name="AppId">Null: it stands alone.</param>
/// <param name="Path">With an app what follows its name and a '/', "" for its own; alone the whole name.</param>
/// <param name="Digest">Of the manifest, which need not be an image's: charts and signatures are pushed too.</param>
/// <param name="Actor">Who pushed.</param>
public sealed record PushedImage(long TeamId, long? AppId, string Path, Tag Tag, Digest Digest, string Actor);

/// <summary>The tags of an app's own repository that name its releases: "v12". The platform alone writes them.</summary>
internal static partial class ReleaseTags
{
    [GeneratedRegex(@"^v[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    /// <exception cref="RegistryError">DENIED.</exception>
    public static void Refuse(RepositoryKey key, IEnumerable<Tag> tags)
    {
        foreach (var tag in key is { AppId: not null, Path: "" } ? tags : [])
        {
            if (Grammar.IsMatch(tag.ToString()))
            {
                throw RegistryError.ReleaseTag(tag);
            }
        }
    }
}
