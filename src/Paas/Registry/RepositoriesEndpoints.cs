using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>The registry as people and scripts ask for it. A name may have slashes, so it stands last and what is asked of it first.</summary>
internal static class RepositoriesEndpoints
{
    private const int MostTags = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/registry").WithTags("registry").RequireAuthorization();
        api.MapGet("/repositories", List).WithSummary("The team's repositories, with sizes.");
        api.MapGet("/repositories/{**name}", Get).WithSummary("One repository; its name may have slashes.");
        api.MapPatch("/repositories/{**name}", Update).WithSummary("Who may pull, and which tags a collection leaves.");
        api.MapDelete("/repositories/{**name}", DeleteRepository).WithSummary("Removes the repository with its tags and manifests; refused where a release needs one.");
        api.MapGet("/tags/{**name}", Tags).WithSummary("The repository's tags, pushed last first.");
        api.MapGet("/manifests/{**name}", ManifestAsync).WithSummary("What a tag or digest (reference=) is made of, and what refers to it.");
        api.MapGet("/usage", Usage).WithSummary("What the team's images take, and what is left of the disk.");
        api.MapDelete("/manifests/{**name}", DeleteManifest).WithSummary("Removes a tag alone, or a digest with its tags (reference=); refused where a release needs it.");
    }

    private static Ok<IReadOnlyList<RepositoryView>> List(ClaimsPrincipal user, Repositories repositories) => TypedResults.Ok(repositories.Views(Caller.Of(user).TeamId, null));

    private static Ok<RepositoryView> Get(string name, ClaimsPrincipal user, Repositories repositories) => TypedResults.Ok(View(repositories, Own(repositories, user, name)));

    private static Ok<RepositoryView> Update(string name, UpdateRepository request, ClaimsPrincipal user, Repositories repositories, RepositoryChanges changes)
    {
        var own = Own(repositories, user, name);
        changes.Update(own, request, Caller.Of(user).Name);
        return TypedResults.Ok(View(repositories, Own(repositories, user, name)));
    }

    private static NoContent DeleteRepository(string name, ClaimsPrincipal user, Repositories repositories, RepositoryChanges changes)
    {
        changes.Delete(Own(repositories, user, name), Caller.Of(user).Name);
        return TypedResults.NoContent();
    }

    private static Ok<IReadOnlyList<TagView>> Tags(string name, int? limit, ClaimsPrincipal user, Repositories repositories) =>
        TypedResults.Ok(repositories.Tags(Own(repositories, user, name), Math.Clamp(limit ?? 100, 1, MostTags)));

    private static async Task<Ok<ManifestView>> ManifestAsync(
        string name, string? reference, bool? raw, ClaimsPrincipal user, Repositories repositories, ManifestDetails details, CancellationToken cancellationToken)
    {
        var own = Own(repositories, user, name);
        return TypedResults.Ok(await details.ReadAsync(own, Parse(own, reference), raw ?? false, cancellationToken));
    }

    private static NoContent DeleteManifest(string name, string? reference, ClaimsPrincipal user, Repositories repositories, RepositoryChanges changes)
    {
        var own = Own(repositories, user, name);
        changes.Delete(own, Parse(own, reference), Caller.Of(user).Name);
        return TypedResults.NoContent();
    }

    private static Ok<RegistryUsageView> Usage(ClaimsPrincipal user, Repositories repositories, RegistryUsage usage, AppStore apps, BlobStore blobs, PlatformAddress address)
    {
        var disk = blobs.Disk;
        var (count, size) = repositories.SizeOf(Caller.Of(user).TeamId);
        return TypedResults.Ok(new RegistryUsageView(address.RegistryHost, count, size, disk.AvailableFreeSpace, disk.TotalSize)
        {
            Apps = [.. apps.OfTeam(Caller.Of(user).TeamId).Select(app => (app.Name, Takes: usage.App(app.Id))).Where(app => app.Takes.Bytes > 0).OrderByDescending(app => app.Takes.Bytes)
                .Select(app => new AppUsageView(app.Name.ToString(), app.Takes.Bytes, app.Takes.SharedBytes, app.Takes.SnapshotBytes))],
        });
    }

    /// <summary>Clients that are made from the API's description write the slashes as %2F, which no name has in it.</summary>
    private static OwnRepository Own(Repositories repositories, ClaimsPrincipal user, string name) => repositories.Get(Caller.Of(user).TeamId, Uri.UnescapeDataString(name));

    private static RepositoryView View(Repositories repositories, OwnRepository own) => repositories.Views(own.TeamId, own).Single();

    private static Reference Parse(OwnRepository own, string? reference) => string.IsNullOrEmpty(reference)
        ? throw new UserError("reference_missing", 400, "Which image? Name its tag or digest: ?reference=v7")
        : Reference.TryParse(reference, out var parsed) ? parsed : throw RepositoryChanges.NotFound(own, reference);
}
