using Paas.Deploys;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Catalog;

/// <summary>Buildpackages in registries: this platform's own, read as the team may, and others, with the team's login there.</summary>
internal sealed class ImageOrigin(RegistryClient client, RegistryLoginStore logins, AppImages images, ImageLookup lookup, BlobStore blobs, PlatformAddress address)
{
    /// <summary>"docker://" is how other tools write that a reference is meant.</summary>
    private const string Scheme = "docker://";

    /// <param name="directory">Empty; gets the buildpacks.</param>
    /// <returns>And the digest that the reference named.</returns>
    /// <exception cref="BuildpackRefusedException">It did not come, or is no buildpackage.</exception>
    public async Task<(Package Package, Digest Digest)> FetchAsync(long teamId, string text, string directory, CancellationToken cancellationToken)
    {
        try
        {
            var (image, top) = await FindAsync(teamId, ImageReference.Parse(text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text), cancellationToken);
            var layers = image.Manifest.Layers.Select(layer => (Func<Stream>)(() => blobs.OpenRead(layer.Digest)));
            return (await Task.Run(() => Package.Unpack(image.Config.Config?.Labels, layers, directory, cancellationToken), cancellationToken), top);
        }
        catch (FormatException invalid)
        {
            throw new BuildpackRefusedException("buildpack_source_invalid", $"{invalid.Message} A git repository begins with https://.", invalid);
        }
        catch (ImageRefusedException refused)
        {
            throw new BuildpackRefusedException("buildpack_not_fetched", refused.Message, refused);
        }
        catch (RegistryClientException refused)
        {
            throw new BuildpackRefusedException("buildpack_not_fetched", refused.Message, refused);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or FileNotFoundException)
        {
            throw new BuildpackRefusedException("buildpack_not_fetched", $"{State.Printable.Short(text)} cannot be read: {damaged.Message}", damaged);
        }
    }

    private async Task<(Image Image, Digest Top)> FindAsync(long teamId, ImageReference reference, CancellationToken cancellationToken)
    {
        if (ImageName.IsOwn(reference.Host, address))
        {
            return await lookup.FindAsync(images.Find(teamId, reference.Repository), $"{reference.Repository}:{reference.Reference}", reference.Reference, cancellationToken);
        }

        // A lease of the store keeps what came until it is unpacked; nothing holds it afterwards.
        var pull = new ImagePull(blobs, _ => false, _ => { });
        var pulled = await pull.RunAsync(client.Open(reference, logins.Find(teamId, reference.Host)), reference.Reference, null, cancellationToken);
        return (pulled.Image, pulled.Top);
    }
}
