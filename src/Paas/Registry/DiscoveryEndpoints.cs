using System.Globalization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Content Discovery".</summary>
internal static class DiscoveryEndpoints
{
    private const int MaxPage = 1000;

    public static async Task Tags(RepositoryRequest request)
    {
        var context = request.Context;
        var count = PageSize(context.Request.Query);

        // One more than asked tells whether there is a next page.
        var tags = request.Store.Tags(request.Existing(), context.Request.Query["last"].ToString(), count + 1);
        var list = new TagList(request.Name.ToString(), Page(context, tags, count, request.Location("tags/list")));
        await context.Response.WriteAsJsonAsync(list, RegistryJson.Default.TagList, cancellationToken: request.Aborted);
    }

    /// <summary>Names only: what one may not pull is not there (trust rule 5).</summary>
    /// <param name="mayList">Of a repository's team and name.</param>
    public static async Task Catalog(HttpContext context, RegistryStore store, Func<long, RepositoryName, bool> mayList)
    {
        var count = PageSize(context.Request.Query);
        var names = new List<string>();
        for (var last = context.Request.Query["last"].ToString(); names.Count <= count;)
        {
            var batch = store.Names(last, MaxPage);
            names.AddRange(batch.Where(entry => mayList(entry.TeamId, RepositoryName.Parse(entry.Name))).Select(entry => entry.Name));
            if (batch.Count < MaxPage)
            {
                break;
            }

            last = batch[^1].Name;
        }

        var list = new RepositoryList(Page(context, names, count, "/v2/_catalog"));
        await context.Response.WriteAsJsonAsync(list, RegistryJson.Default.RepositoryList, cancellationToken: context.RequestAborted);
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

    private static int PageSize(IQueryCollection query) => query.TryGetValue("n", out var asked)
        ? long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (int)Math.Min(number, MaxPage) : throw RegistryError.BadPageSize()
        : MaxPage;

    /// <summary>The first entries, and a Link to the next page when there are more. None with n=0, as the specification wants it.</summary>
    private static string[] Page(HttpContext context, IReadOnlyList<string> entries, int count, string path)
    {
        string[] page = [.. entries.Take(count)];
        if (entries.Count > count && page is [.., var last])
        {
            context.Response.Headers.Link = string.Create(CultureInfo.InvariantCulture, $"<{path}?n={count}&last={Uri.EscapeDataString(last)}>; rel=\"next\"");
        }

        return page;
    }
}
