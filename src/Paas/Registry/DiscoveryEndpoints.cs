using System.Globalization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Content Discovery".</summary>
internal static class DiscoveryEndpoints
{
    private const int MaxPage = 1000;

    public static async Task Tags(RepositoryRequest request)
    {
        var query = request.Context.Request.Query;
        var count = MaxPage;
        if (query.TryGetValue("n", out var asked))
        {
            count = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, MaxPage) : throw RegistryError.BadPageSize();
        }

        // One more than asked tells whether there is a next page.
        var tags = request.Store.Tags(request.Existing(), query["last"].ToString(), count + 1);
        if (tags.Count > count && count > 0)
        {
            tags = [.. tags.Take(count)];
            request.Context.Response.Headers.Link = $"<{request.Location("tags/list")}?n={count.ToString(CultureInfo.InvariantCulture)}&last={Uri.EscapeDataString(tags[^1])}>; rel=\"next\"";
        }

        var list = new TagList(request.Name.ToString(), [.. tags.Take(count)]);
        await request.Context.Response.WriteAsJsonAsync(list, RegistryJson.Default.TagList, cancellationToken: request.Aborted);
    }

    /// <summary>Always an index, also of a subject that is not there.</summary>
    public static async Task Referrers(RepositoryRequest request, Digest subject)
    {
        var repository = request.Store.Find(request.Key);
        var found = repository is { } id ? request.Store.Referrers(id, subject) : [];
        if (request.Context.Request.Query["artifactType"] is [{ Length: > 0 } wanted])
        {
            found = [.. found.Where(manifest => manifest.ArtifactType == wanted)];
            request.Context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        var index = new ImageIndex
        {
            Manifests = [.. found.Select(manifest => new Descriptor
            {
                MediaType = manifest.MediaType,
                Digest = Digest.Parse(manifest.Digest),
                Size = manifest.Content.Length,
                ArtifactType = manifest.ArtifactType,
                Annotations = ManifestDocument.Parse(manifest.Content, manifest.MediaType).Annotations,
            })],
        };
        await request.Context.Response.WriteAsJsonAsync(index, OciJson.Canonical.ImageIndex, MediaTypes.Index, request.Aborted);
    }
}
