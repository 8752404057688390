using Paas.Apps;
using Paas.Oci;
using Paas.Releases;

namespace Paas.Instances;

internal static class InstancesSetup
{
    public static IServiceCollection AddInstances(this IServiceCollection services) => services
        .AddSingleton<RolloutStore>()
        .AddSingleton<RunningImages>()
        .AddSingleton<ContentRoots>(provider => provider.GetRequiredService<RunningImages>().Needs)
        .AddSingleton<CurrentRelease>(provider => appId => provider.GetRequiredService<RolloutStore>().CurrentOf(appId)?.Release)
        .AddSingleton<InstanceBoard>()
        .AddSingleton<InstanceNews>()
        .AddSingleton<CpuMeter>()
        .AddSingleton<HealthProbe>()
        .AddSingleton<HealthCheck>()
        .AddSingleton<Routes>()
        .AddSingleton<Rollout>()
        .AddSingleton<Resize>()
        .AddSingleton<Retirement>()
        .AddSingleton<AppFollower>()
        .AddSingleton<AppChanged>(provider => provider.GetRequiredService<AppFollower>().ChangedAsync)
        .AddSingleton<AppDestroyed>(provider => provider.GetRequiredService<AppFollower>().DestroyedAsync)
        .AddSingleton<InstancesLoop>()
        .AddHostedService(provider => provider.GetRequiredService<InstancesLoop>())
        .AddHostedService(provider => provider.GetRequiredService<Retirement>());

    public static IEndpointRouteBuilder MapInstances(this IEndpointRouteBuilder app)
    {
        InstancesEndpoints.Map(app);
        return app;
    }
}
