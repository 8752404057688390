using Paas.Apps;

namespace Paas.Catalog;

/// <summary>Buildpacks that teams add. Needs the git programs, the registry client and its logins, and Builds.</summary>
internal static class CatalogSetup
{
    public static IServiceCollection AddCatalog(this IServiceCollection services) => services
        .AddSingleton<GitOrigin>()
        .AddSingleton<ImageOrigin>()
        .AddSingleton<BuildpackIntake>()
        .AddSingleton<BuildpackAdding>()
        .AddSingleton<TeamCatalog>()
        .AddSingleton<CheckBuildpacks>(provider => provider.GetRequiredService<TeamCatalog>().Check);

    public static void MapCatalog(this IEndpointRouteBuilder app) => app.MapBuildpacksApi();
}
