using Paas.Buildpacks;

namespace Paas.Patching;

internal static class PatchingSetup
{
    /// <summary>Needs what Builds, Deploys, Releases, Instances and Activity register.</summary>
    public static IServiceCollection AddPatching(this IServiceCollection services) => services
        .AddSingleton<Rebase>()
        .AddSingleton<AppRebase>()
        .AddSingleton<StackRun>()
        .AddSingleton<StackUpdateStore>()
        .AddSingleton<StackUpdates>()
        .AddHostedService(provider => provider.GetRequiredService<StackUpdates>())
        .AddSingleton<StackScheduleStore>()
        .AddSingleton<StackViews>()
        .AddHostedService<StackScheduleLoop>();

    public static void MapPatching(this IEndpointRouteBuilder app) => StackEndpoints.Map(app);
}
