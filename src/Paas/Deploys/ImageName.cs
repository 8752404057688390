using Paas.Apps;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>What `paas deploy --image` was given: an image of this platform's own registry, or of another.</summary>
public abstract record ImageName
{
    private ImageName()
    {
    }

    /// <summary>As people read it in logs and lists.</summary>
    public abstract string Text { get; }

    /// <summary>The host of this platform's registry, "registry.example.com".</summary>
    public static string OwnHost(PlatformAddress address) => $"registry.{address.BaseDomain}";

    /// <summary>
    /// ":tag", "@sha256:..." and "sha256:..." are the app's own; "registry.example.com/name:tag" is this platform's. A bare "name:tag" is Docker
    /// Hub's as everywhere, unless the team has an app of that name and somebody pushed that tag ("latest" never: the platform writes it).
    /// </summary>
    /// <exception cref="UserError">image_invalid.</exception>
    public static ImageName Parse(string text, App app, PlatformAddress address, AppImages images)
    {
        try
        {
            text = text.Trim();
            if (Digest.TryParse(text.TrimStart('@'), out var digest))
            {
                return new Own(RepositoryName.Parse(app.Name), Reference.Of(digest));
            }

            if (text.StartsWith(':') && Tag.TryParse(text[1..], out var tag))
            {
                return new Own(RepositoryName.Parse(app.Name), Reference.Of(tag));
            }

            var image = ImageReference.Parse(text);
            if (IsOwn(image.Host, address))
            {
                return new Own(image.Repository, image.Reference);
            }

            return image.Host == ImageReference.DockerHub && !text.Contains('/', StringComparison.Ordinal)
                && image.Tag is { } explicitly && explicitly.ToString() != "latest"
                && RepositoryName.TryParse(image.Repository.Rest, out var name)
                && images.Find(app.TeamId, name) is { } repository && images.Manifest(repository, image.Reference) is not null
                ? new Own(name, image.Reference)
                : new Remote(image);
        }
        catch (FormatException error)
        {
            throw new UserError("image_invalid", 400, error.Message);
        }
    }

    /// <summary>Also by the platform's own address, which answers for its registry too.</summary>
    public static bool IsOwn(string host, PlatformAddress address) =>
        host.Split(':')[0] == OwnHost(address) || host == address.BaseUrl.Authority || (address.BaseUrl.IsDefaultPort && host == address.BaseUrl.Host);

    /// <summary>In a repository of this platform.</summary>
    public sealed record Own(RepositoryName Repository, Reference Reference) : ImageName
    {
        public override string Text => Reference.Digest is { } digest ? $"{Repository}@{digest.Algorithm}:{digest.Short}" : $"{Repository}:{Reference}";
    }

    /// <summary>In the app's own repository, as it was pushed: exactly this manifest, whatever the tag points to by now.</summary>
    public sealed record Pushed(string App, Tag Tag, Digest Digest) : ImageName
    {
        public override string Text => $"{App}:{Tag}";
    }

    public sealed record Remote(ImageReference Image) : ImageName
    {
        public override string Text => Image.Reference.Digest is { } digest ? $"{Image.Host}/{Image.Repository}@{digest.Algorithm}:{digest.Short}" : Image.ToString();
    }
}

/// <summary>An image that somebody wants to be an app's next release.</summary>
/// <param name="Actor">Who pushed it or asked for it; "platform" when its tag is followed.</param>
public sealed record ImageWish(ImageName Name, string Actor)
{
    public string Description => $"Image {Name.Text}";
}
