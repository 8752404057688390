using Paas.Builds;
using Paas.Builds.Dockerfiles;
using Paas.Oci;
using Paas.Registry;

namespace Paas.Deploys;

/// <summary>Images that were not built here.</summary>
internal static class ImagesSetup
{
    public static IServiceCollection AddImages(this IServiceCollection services) => services
        .AddSingleton(provider => new RegistryClient(RegistryHttp.Create(HostSettings.Read().CaBundle), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<RegistryLoginStore>()
        .AddSingleton<ImagePushes>()
        .AddSingleton<LayerProofs>()
        .AddSingleton<ImageLookup>()
        .AddSingleton<ImageFetch>()
        .AddSingleton<FromImages>()
        .AddSingleton<FetchBaseImage>(provider => provider.GetRequiredService<FromImages>().FetchAsync)
        .AddSingleton<DockerfileImages>()
        .AddSingleton<ImageIntake>()
        .AddSingleton<ImageDeploy>()
        .AddSingleton<ImageDeploys>()
        .AddHostedService(provider => provider.GetRequiredService<ImageDeploys>())
        .AddSingleton<FollowedImages>()
        .AddSingleton<Following>()
        .AddSingleton<FollowLoop>()
        .AddHostedService(provider => provider.GetRequiredService<FollowLoop>())
        .AddSingleton<ImagePushed>(provider => image => provider.GetRequiredService<FollowLoop>().Pushed(image))
        .AddSingleton<ImagePushed>(provider => image => provider.GetRequiredService<ImageDeploys>().Pushed(image));

    public static void MapImages(this IEndpointRouteBuilder app)
    {
        ImagesEndpoints.Map(app);
        RegistryLoginEndpoints.Map(app);
    }
}
