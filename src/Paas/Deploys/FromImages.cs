using Paas.Apps;
using Paas.Builds.Dockerfiles;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>The images that Dockerfiles name: of this platform's registry with the team's rights, or of another with the team's login.</summary>
internal sealed class FromImages(ImageFetch fetch, UpstreamImages upstreams, ImageLookup lookup, AppImages images, PlatformAddress address)
{
    /// <exception cref="BaseImageException">It cannot be had.</exception>
    public async Task<BaseImage> FetchAsync(App app, string reference, Action<string> line, CancellationToken cancellationToken)
    {
        try
        {
            var name = ImageName.Parse(reference, app, address, images);
            var image = name switch
            {
                ImageName.Own own => (await lookup.FindAsync(images.Find(app.TeamId, own.Repository), own.Text, own.Reference, cancellationToken)).Image,
                ImageName.Remote remote => await fetch.FetchThroughCacheAsync(app, remote.Image, upstreams, line, cancellationToken),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            ImageRules.Check(image, name.Text);
            return new BaseImage(name.Text, image);
        }
        catch (Exception refused) when (refused is UserError or ImageRefusedException or RegistryClientException)
        {
            throw new BaseImageException(refused.Message);
        }
    }
}
