using Paas.Client;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>What the story of one deploy shows.</summary>
/// <param name="Made">The release it made; null when it ended before one.</param>
/// <param name="Before">The newest release before it that served: what it replaces, and where one goes back to.</param>
public sealed record StoryModel(AppView App, DeployView Deploy, ReleaseView? Made, ReleaseView? Before)
{
    public static async Task<StoryModel> LoadAsync(PaasClient client, string name, int number, CancellationToken cancellationToken)
    {
        var app = client.AppAsync(name, cancellationToken);
        var deploy = client.DeployAsync(name, number, cancellationToken);
        var releases = client.ReleasesAsync(name, cancellationToken);
        await Task.WhenAll(app, deploy, releases);
        var known = await releases;
        return new StoryModel(
            await app, await deploy,
            known.FirstOrDefault(release => release.Number == number),
            known.FirstOrDefault(release => release.Number < number && release.Good));
    }
}
