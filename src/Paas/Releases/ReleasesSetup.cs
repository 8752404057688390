namespace Paas.Releases;

internal static class ReleasesSetup
{
    public static IServiceCollection AddReleases(this IServiceCollection services) => services
        .AddSingleton<ReleaseStore>()
        .AddSingleton<ReleaseCommand>();

    public static IEndpointRouteBuilder MapReleases(this IEndpointRouteBuilder app)
    {
        ReleasesEndpoints.Map(app);
        return app;
    }
}
