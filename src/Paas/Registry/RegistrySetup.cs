using Microsoft.Extensions.DependencyInjection.Extensions;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

internal static class RegistrySetup
{
    /// <summary>The content store (the home's, with the shared cache behind it) and the registry on top.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new BlobStore(provider.GetRequiredService<PlatformHome>().Blobs, Path.Combine(PlatformHome.DefaultCache, "blobs")));
        services.TryAddSingleton(provider => new Snapshots(provider.GetRequiredService<PlatformHome>().Snapshots, Path.Combine(PlatformHome.DefaultCache, "snapshots")));
        services.TryAddSingleton<Images>();
        services.TryAddSingleton<Layers>();
        services.TryAddSingleton<ImagesOfReleases>(_ => _ => []);
        services.TryAddSingleton(provider => RegistryOptions.Read(provider.GetRequiredService<PlatformHome>()));
        services.TryAddSingleton<CollectionOptions>();
        services.TryAddSingleton(provider => UpstreamOptions.Read(provider.GetRequiredService<PlatformHome>()));
        services.TryAddSingleton(provider => new RegistryClient(RegistryHttp.Create(null), provider.GetRequiredService<TimeProvider>()));
        return services
            .AddSingleton<Upstreams>()
            .AddSingleton<UpstreamImages>()
            .AddSingleton<UpstreamStore>()
            .AddSingleton<UpstreamManifests>()
            .AddSingleton<UpstreamBlobs>()
            .AddSingleton<UpstreamCache>()
            .AddHostedService<UpstreamExpiry>()
            .AddSingleton<RegistryAccess>()
            .AddSingleton<RegistryAudit>()
            .AddSingleton<RobotTokens>()
            .AddSingleton<BearerTokens>()
            .AddSingleton<TokenLockout>()
            .AddSingleton<TokenChallenge>()
            .AddSingleton<TokenCredentials>()
            .AddSingleton<OfflineTokens>()
            .AddSingleton<TokenEndpoints>()
            .AddSingleton<RepositoryNews>()
            .AddSingleton<RegistryStore>()
            .AddSingleton<Repositories>()
            .AddSingleton<RepositoryChanges>()
            .AddSingleton<ManifestDetails>()
            .AddSingleton<PartialBlobs>()
            .AddSingleton<AppImages>()
            .AddSingleton<UploadSessions>()
            .AddHostedService<UploadsLoop>()
            .AddSingleton<StorageLimits>()
            .AddSingleton<RequestBody>()
            .AddSingleton<BlobMounts>()
            .AddSingleton<CollectionJournal>()
            .AddSingleton<SnapshotSizes>()
            .AddSingleton<RegistryUsage>()
            .AddSingleton<RegistryCollection>()
            .AddHostedService<CollectionLoop>()
            .AddSingleton<BlobEndpoints>()
            .AddSingleton<UploadEndpoints>()
            .AddSingleton<ManifestEndpoints>()
            .AddSingleton<Grants>()
            .AddSingleton<RegistryEndpoints>();
    }

    /// <summary>Anonymous for the platform's own policy: the registry answers 401 in the words of its specification.</summary>
    public static IEndpointRouteBuilder MapRegistry(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<RegistryEndpoints>();
        routes.MapMethods("/v2/{**path}", RegistryEndpoints.Methods, endpoints.Handle).AllowAnonymous().ExcludeFromDescription();
        routes.MapMethods("/v2/token", TokenEndpoints.Methods, routes.ServiceProvider.GetRequiredService<TokenEndpoints>().Handle).AllowAnonymous().ExcludeFromDescription();
        RepositoriesEndpoints.Map(routes);
        CollectionEndpoints.Map(routes);
        routes.MapRobots();
        return routes;
    }
}
