using Paas.Client;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>What the story of one deploy shows.</summary>
/// <param name="Made">The release it made; null when it ended before one.</param>
/// <param name="Before">The newest release before it that served: what it replaces, and where one goes back to.</param>
public sealed record StoryModel(AppView App, DeployView Deploy, ReleaseView? Made, ReleaseView? Before)
{
    /// <summary>Null: it built nothing, or so long ago that it is forgotten.</summary>
    public BuildView? Build { get; init; }

    /// <summary>What the app keeps for its next build; null without a build.</summary>
    public BuildCacheView? Cache { get; init; }

    public static async Task<StoryModel> LoadAsync(PaasClient client, string name, int number, CancellationToken cancellationToken)
    {
        var app = client.AppAsync(name, cancellationToken);
        var deploy = client.DeployAsync(name, number, cancellationToken);
        var releases = client.ReleasesAsync(name, cancellationToken);
        await Task.WhenAll(app, deploy, releases);
        var known = await releases;
        var build = (await deploy).Cause == "push" ? await BuildAsync(client, name, number, cancellationToken) : null;
        return new StoryModel(
            await app, await deploy,
            known.FirstOrDefault(release => release.Number == number),
            known.FirstOrDefault(release => release.Number < number && release.Good))
        {
            Build = build,
            Cache = build is null ? null : await client.BuildCacheAsync(name, cancellationToken),
        };
    }

    private static async Task<BuildView?> BuildAsync(PaasClient client, string name, int number, CancellationToken cancellationToken)
    {
        try
        {
            return await client.BuildAsync(name, number, cancellationToken);
        }
        catch (ProblemException problem) when (problem.Code == "build_not_found")
        {
            return null;
        }
    }
}
