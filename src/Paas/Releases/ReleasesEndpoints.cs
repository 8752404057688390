using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.State;

namespace Paas.Releases;

/// <summary>Reading releases; rolling back is a deploy and lives there.</summary>
internal static class ReleasesEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var app = api.MapGroup("/api/v1/apps/{app}/releases").WithTags("releases");
        app.MapGet("", List).WithSummary("The app's releases, newest first.");
        app.MapGet("/{number:int}", Get).WithSummary("One release.");
        app.MapGet("/{number:int}/changes", ChangesAsync).WithSummary("What differs from another release, or from the one before that served: config vars by name, commands, commits and files.");
    }

    public static ReleaseView View(Release release, int? current) => new(
        release.Number,
        release.Number == current,
        release.Good,
        release.Description,
        release.Image.ToString(),
        release.Commit,
        release.Actor,
        release.Processes,
        [.. release.Config.Select(item => item.Name).Order(StringComparer.Ordinal)],
        release.CreatedAt)
    {
        ImageRemovedAt = release.ArchivedAt,
    };

    private static Ok<ReleaseView[]> List(string app, int? limit, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, CurrentRelease current)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var number = current(owner.Id);
        var shown = Math.Clamp(limit ?? 25, 1, 200);
        var listed = releases.List(owner.Id, shown + 1);
        return TypedResults.Ok(listed.Take(shown).Select(release => View(release, number) with
        {
            ConfigChanges = ReleaseDiff.Config(listed.FirstOrDefault(item => item.Number < release.Number && item.Good), release),
        }).ToArray());
    }

    private static Ok<ReleaseView> Get(string app, int number, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, CurrentRelease current)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var release = Find(owner, number, releases);
        return TypedResults.Ok(View(release, current(owner.Id)) with { ConfigChanges = ReleaseDiff.Config(releases.GoodBefore(owner.Id, number), release) });
    }

    private static async Task<Ok<ReleaseChanges>> ChangesAsync(
        string app, int number, int? from, ClaimsPrincipal user, AppStore apps, ReleaseStore releases, CodeChangesBetween code, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        var to = Find(owner, number, releases);
        var before = from is { } other ? Find(owner, other, releases) : releases.GoodBefore(owner.Id, number);
        var changes = before is { Commit: { } old } && to.Commit is { } now && old != now ? await code(owner.Id, old, now, cancellationToken) : null;
        return TypedResults.Ok(new ReleaseChanges(
            before?.Number, number, before?.Image != to.Image, ReleaseDiff.Config(before, to), ReleaseDiff.Processes(before, to), changes));
    }

    private static Release Find(App owner, int number, ReleaseStore releases) =>
        releases.Find(owner.Id, number) ?? throw new UserError("release_not_found", 404, $"There is no release v{number} of {owner.Name}. See them with: paas releases");
}

/// <summary>Which release of the app serves; null before the first. Bound by the slice that knows (Instances).</summary>
public delegate int? CurrentRelease(long appId);

/// <summary>Commits and files between two commits of the app's repository. Bound by the slice that knows (Git).</summary>
public delegate Task<CodeChanges> CodeChangesBetween(long appId, string from, string to, CancellationToken cancellationToken);
