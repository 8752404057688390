using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Deploys of images that were not built here, and the tags that apps follow.</summary>
internal static class ImagesEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var app = routes.MapGroup("/api/v1/apps/{app}").WithTags("deploys");
        app.MapPost("/deploys", DeployAsync).WithSummary("Deploys an image of any registry; answers when the deploy has begun. With follow, every new image under its tag too.");
        app.MapGet("/followed-image", Followed).WithSummary("The image whose tag the app follows.");
        app.MapDelete("/followed-image", UnfollowAsync).WithSummary("Follows no image any more.");
    }

    /// <summary>Null: it follows none.</summary>
    public static FollowedImageView? View(FollowedImage? followed) => followed is null
        ? null
        : new FollowedImageView(followed.Reference, followed.Digest, followed.Actor, followed.LookedAt, followed.Sentence);

    private static async Task<Accepted<DeployView>> DeployAsync(
        string app, DeployImage wish, ClaimsPrincipal user, AppStore apps, ImageDeploys deploys, AppImages images, Following following, PlatformAddress address, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owner = apps.Get(caller.TeamId, app);
        var name = ImageName.Parse(wish.Image ?? "", owner, address, images);
        var frozen = wish.Follow ? await following.BeginAsync(owner, name, wish.Image!, caller.Name, cancellationToken) : static _ => { };
        var record = await deploys.StartAsync(owner, new ImageWish(name, caller.Name), frozen, cancellationToken);
        return TypedResults.Accepted($"/api/v1/apps/{owner.Name}/deploys/{record.Number}", DeploysEndpoints.View(record));
    }

    private static Results<Ok<FollowedImageView>, NoContent> Followed(string app, ClaimsPrincipal user, AppStore apps, FollowedImages followed) =>
        View(followed.Find(apps.Get(Caller.Of(user).TeamId, app).Id)) is { } view ? TypedResults.Ok(view) : TypedResults.NoContent();

    private static async Task<NoContent> UnfollowAsync(string app, ClaimsPrincipal user, AppStore apps, Following following, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        await following.EndAsync(apps.Get(caller.TeamId, app), caller.Name, cancellationToken);
        return TypedResults.NoContent();
    }
}
