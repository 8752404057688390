using Paas.Oci;

namespace Paas.Registry;

/// <summary>Answers requests about images of other registries: fetches what is not here, and leaves the answer to what answers all others.</summary>
internal sealed class UpstreamCache(Upstreams upstreams, UpstreamManifests manifests, UpstreamBlobs blobs)
{
    /// <returns>False: nothing is left to fetch; it is answered as any other.</returns>
    public async Task<bool> TryAnswerAsync(RepositoryRequest request, RegistryPath path)
    {
        if (upstreams.Of(request.Name) is not { } upstream)
        {
            return false;
        }

        switch (request.Context.Request.Method, path)
        {
            case ("GET" or "HEAD", RegistryPath.ManifestOf { Reference: var reference }):
                await manifests.PrepareAsync(request, upstream, reference);
                return false;
            case ("GET" or "HEAD", RegistryPath.Blob { Digest: var digest }):
                return await blobs.TryServeAsync(request, upstream, digest);
            case ("GET", RegistryPath.Referrers { Digest: var subject }):
                return await TryReferrersAsync(request, upstream, subject);
            default:
                return false;
        }
    }

    /// <summary>Passed on as the other registry has them; when it cannot be asked, those that are here.</summary>
    private async Task<bool> TryReferrersAsync(RepositoryRequest request, Upstream upstream, Digest subject)
    {
        byte[]? index;
        try
        {
            index = await upstreams.Open(upstream, request.Name).FindReferrersAsync(subject, request.Context.Request.Query["artifactType"].ToString(), request.Aborted);
        }
        catch (RegistryClientException)
        {
            return false;
        }

        if (index is null)
        {
            return false;
        }

        request.Context.Response.ContentType = MediaTypes.Index;
        request.Context.Response.ContentLength = index.Length;
        await request.Context.Response.BodyWriter.WriteAsync(index, request.Aborted);
        return true;
    }
}
