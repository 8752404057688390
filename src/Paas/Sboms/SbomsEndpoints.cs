using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Oci;
using Paas.Releases;
using Paas.State;

namespace Paas.Sboms;

/// <summary>What is inside releases.</summary>
internal static class SbomsEndpoints
{
    private const int LongestName = 300;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("releases").RequireAuthorization();
        api.MapGet("/apps/{app}/releases/{number:int}/sbom", SbomAsync).RequireAuthorization(AccountPolicies.Stream).WithSummary("What is inside the release's image, as CycloneDX 1.5: run image, and what the buildpacks said.");
        api.MapGet("/apps/{app}/releases/{number:int}/packages", PackagesAsync).WithSummary("What is inside the release's image, by name.");
        api.MapGet("/releases/containing", ContainingAsync).WithSummary("Releases of the team's apps that contain a package, or one made of that source package; version=V narrows.");
    }

    private static async Task<JsonHttpResult<JsonElement>> SbomAsync(
        string app, int number, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, Images images, ImageContents contents, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var release = Find(owner, number, releases);
        try
        {
            var image = await images.ReadAsync(release.Image, cancellationToken);
            var document = CycloneDx.Write(owner.Name, release.Tag, image, await contents.ReadAsync(image, cancellationToken));
            return TypedResults.Json(JsonSerializer.SerializeToElement(document, SbomsJson.Default.JsonObject), ContractJson.Default.JsonElement, CycloneDx.MediaType);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Gone(owner, release);
        }
    }

    private static async Task<Ok<IReadOnlyList<PackageView>>> PackagesAsync(
        string app, int number, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, PackageIndex index, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var release = Find(owner, number, releases);
        return await index.TryAddAsync(release.Image, cancellationToken)
            ? TypedResults.Ok<IReadOnlyList<PackageView>>([.. index.Of(release.Image).Select(package => new PackageView(package.Name, package.Version, package.Origin, package.Source, package.Purl))])
            : throw Gone(owner, release);
    }

    private static async Task<Ok<ContainingView>> ContainingAsync(
        string package, string? version, ClaimsPrincipal user, PackageIndex index, CurrentRelease current, CancellationToken cancellationToken)
    {
        if (package.Length is 0 or > LongestName)
        {
            throw new UserError("package_invalid", 400, "Name a package, such as openssl or express.");
        }

        var team = Caller.Of(user).TeamId;
        var unknown = new List<UnknownRelease>();
        foreach (var release in index.Releases(team).Where(release => !release.Known))
        {
            if (!await index.TryAddAsync(Digest.Parse(release.Image), cancellationToken))
            {
                unknown.Add(new UnknownRelease(release.App, release.Number, release.Archived ? "Its image was removed by retention." : "Its image is not whole."));
            }
        }

        return TypedResults.Ok(new ContainingView(
            package,
            version,
            [.. index.Find(team, package, version).Select(found => new ContainingRelease(found.App, found.Number, current(found.AppId) == found.Number, found.Name, found.Version, found.Origin))],
            unknown));
    }

    private static Release Find(App owner, int number, ReleaseStore releases) =>
        releases.Find(owner.Id, number) ?? throw new UserError("release_not_found", 404, $"There is no release v{number} of {owner.Name}. See them with: paas releases");

    private static UserError Gone(App owner, Release release) => new(
        "release_image_gone", 409, $"The image of {release.Tag} of {owner.Name} is not there any more{(release.ArchivedAt is null ? "" : " (retention removed it)")}, so it cannot be told what is inside.");
}
