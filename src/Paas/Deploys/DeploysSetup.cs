using Paas.Apps;
using Paas.Instances;
using Paas.Registry;
using Paas.Releases;
using Paas.State;

namespace Paas.Deploys;

internal static class DeploysSetup
{
    public static IServiceCollection AddDeploys(this IServiceCollection services) => services
        .AddSingleton<DeployStore>()
        .AddSingleton<DeployNews>()
        .AddSingleton<DeployRuns>()
        .AddSingleton<AppDestroyed>(provider => provider.GetRequiredService<DeployRuns>().DestroyedAsync)
        .AddSingleton<DeployLogFiles>()
        .AddSingleton<SweepLeftovers>(provider => provider.GetRequiredService<DeployLogFiles>().Sweep)
        .AddSingleton<GiveUpReleases>(provider => dryRun => GivenUp(provider.GetRequiredService<ReleaseRetention>().GiveUp(dryRun), provider.GetRequiredService<ReleasesOptions>()))
        .AddSingleton<DeployQueue>()
        .AddSingleton<Freeze>()
        .AddSingleton<DeployWords>()
        .AddSingleton<Deploy>()
        .AddSingleton<Changes>()
        .AddSingleton<LocalBuilds>()
        .AddSingleton<SweepLeftovers>(provider => provider.GetRequiredService<LocalBuilds>().Sweep)
        .AddSingleton<ImagesOfReleases>(provider => appId =>
        {
            var current = provider.GetRequiredService<CurrentRelease>()(appId);
            return [.. provider.GetRequiredService<ReleaseStore>().Images(appId).Select(item => new ReleasedImage(item.Number, item.Image, item.Number == current))];
        })
        // One server: every app that runs, starts or still drains does so there.
        .AddSingleton<AppsOfNode>(provider => _ => [.. provider.GetRequiredService<RolloutStore>().All().Select(static rollout => rollout.AppId).Distinct()])
        .AddHostedService<DeploysLoop>()
        .AddImages();

    private static IReadOnlyList<GivenUpRelease> GivenUp(IReadOnlyList<OldRelease> releases, ReleasesOptions options) =>
        [.. releases.Select(release => new GivenUpRelease(release.AppId, release.Tag, $"the newest {options.Keep} releases that served are kept"))];

    public static IEndpointRouteBuilder MapDeploys(this IEndpointRouteBuilder app)
    {
        DeploysEndpoints.Map(app);
        LocalBuildsEndpoints.Map(app);
        app.MapImages();
        return app;
    }
}
