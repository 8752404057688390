using Paas.Oci;

namespace Paas.Registry;

/// <summary>Images of other registries for the platform's own builds: by the way there that the host file names, with what pulls through have brought.</summary>
internal sealed class UpstreamImages(Upstreams upstreams, UpstreamStore store)
{
    /// <summary>Null: this registry is no cache of the image's.</summary>
    public (Upstream Upstream, RemoteRepository Remote)? Find(ImageReference image) =>
        RepositoryName.TryParse($"{image.Host}/{image.Repository}", out var name) && upstreams.Of(name) is { } upstream ? (upstream, upstreams.Open(upstream, name)) : null;

    /// <summary>Whether a blob needs not be fetched again. What a login of the host's brought is for those who name it by this registry alone.</summary>
    public bool HasBlob(Upstream upstream, Digest digest) => upstream.Credentials is null && store.HasAnother(upstream, digest);
}
