using Paas.Apps;

namespace Paas.Deploys;

internal static class DeploysSetup
{
    public static IServiceCollection AddDeploys(this IServiceCollection services) => services
        .AddSingleton<DeployStore>()
        .AddSingleton<DeployNews>()
        .AddSingleton<DeployRuns>()
        .AddSingleton<AppDestroyed>(provider => provider.GetRequiredService<DeployRuns>().DestroyedAsync)
        .AddSingleton<DeployQueue>()
        .AddSingleton<Freeze>()
        .AddSingleton<DeployWords>()
        .AddSingleton<Deploy>()
        .AddSingleton<Changes>()
        .AddHostedService<DeploysLoop>();

    public static IEndpointRouteBuilder MapDeploys(this IEndpointRouteBuilder app)
    {
        DeploysEndpoints.Map(app);
        return app;
    }
}
