using System.Globalization;
using System.Text.Json;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Content Discovery".</summary>
internal static class DiscoveryEndpoints
{
    private const int MaxPage = 1000;
    private const int MaxReferrers = 100;

    /// <summary>Characters of one page.</summary>
    private const int MaxAnnotations = 1 << 20;

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

    /// <summary>Always an index, also of a subject that is not there (distribution-spec v1.1, "Listing Referrers").</summary>
    public static async Task Referrers(RepositoryRequest request, Digest subject)
    {
        var (query, response) = (request.Context.Request.Query, request.Context.Response);
        var wanted = query["artifactType"] is [{ Length: > 0 } asked] ? asked : null;
        var count = Math.Min(PageSize(query), MaxReferrers);
        var found = request.Store.Find(request.Key) is { } repository ? request.Store.Referrers(repository, subject, wanted, query["last"].ToString(), count + 1) : [];
        var page = ReferrersPage(found, count);
        if (wanted is not null)
        {
            response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        if (page.Count < found.Count && page is [.., var last])
        {
            var filter = wanted is null ? "" : $"&artifactType={Uri.EscapeDataString(wanted)}";
            response.Headers.Link = string.Create(CultureInfo.InvariantCulture, $"<{request.Location($"referrers/{subject}")}?n={count}&last={Uri.EscapeDataString(last.Digest)}{filter}>; rel=\"next\"");
        }

        var index = new ImageIndex { Manifests = [.. page.Select(DescriptorOf)] };
        await response.WriteAsJsonAsync(index, OciJson.Canonical.ImageIndex, MediaTypes.Index, request.Aborted);
    }

    /// <summary>No more than clients read of an index: annotations may be large.</summary>
    private static List<ReferrerRow> ReferrersPage(IReadOnlyList<ReferrerRow> found, int count)
    {
        var page = new List<ReferrerRow>();
        var room = MaxAnnotations;
        foreach (var row in found.Take(count))
        {
            room -= row.Annotations?.Length ?? 0;
            if (room < 0 && page.Count > 0)
            {
                break;
            }

            page.Add(row);
        }

        return page;
    }

    private static Descriptor DescriptorOf(ReferrerRow row) => new()
    {
        MediaType = row.MediaType,
        Digest = Digest.Parse(row.Digest),
        Size = row.Size,
        ArtifactType = row.ArtifactType,
        Annotations = row.Annotations is null ? null : JsonSerializer.Deserialize(row.Annotations, RegistryJson.Default.DictionaryStringString),
    };

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
