using Paas.Apps;
using Paas.Buildpacks;
using Paas.Builds.Debian;
using Paas.Builds.Dockerfiles;
using Paas.Engine.Native.Disk;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

internal static class BuildsSetup
{
    /// <summary>Needs Database, PlatformHome, TimeProvider, BlobStore, Snapshots, SnapshotSizes, Images, Sandbox and <see cref="StackCache"/>.</summary>
    public static IServiceCollection AddBuilds(this IServiceCollection services) => services
        .AddSingleton(provider => BuildsOptions.Read(provider.GetRequiredService<PlatformHome>()))
        .AddSingleton<Layers>()
        .AddSingleton<Lifecycle>()
        .AddSingleton<Stacks>()
        .AddSingleton<AddedBuildpacks>()
        .AddSingleton<BuildChoices>()
        .AddSingleton<SweepLeftovers>(provider => provider.GetRequiredService<AddedBuildpacks>().Sweep)
        .AddSingleton<BuildStore>()
        .AddSingleton<BaseImages>()
        .AddSingleton<BuildCache>()
        .AddSingleton<RunningBuilds>()
        .AddSingleton<ContentRoots>(provider => provider.GetRequiredService<RunningBuilds>().Needs)
        .AddSingleton<SweepLeftovers>(provider => provider.GetRequiredService<RunningBuilds>().Sweep)
        .AddSingleton(new PackageHosts(HostSettings.Read))
        .AddSingleton<DebianPackages>()
        .AddSingleton<FetchedArchives>()
        .AddSingleton<SharedArchives>()
        .AddSingleton<DockerfileCache>()
        .AddSingleton<AppDestroyed>(provider => provider.GetRequiredService<DockerfileCache>().ForgetAsync)
        .AddSingleton<SweepLeftovers>(provider => provider.GetRequiredService<DockerfileCache>().Sweep)
        .AddSingleton<DockerfileBuild>()
        .AddSingleton<BuildPreparation>()
        .AddSingleton<LifecycleBuild>()
        .AddSingleton<BuildInputs>()
        .AddSingleton<UnchangedBuilds>()
        .AddSingleton(provider => new Builder(
            provider.GetRequiredService<BuildsOptions>(),
            provider.GetRequiredService<BuildPreparation>(),
            provider.GetRequiredService<BuildCache>(),
            provider.GetRequiredService<BuildStore>(),
            provider.GetRequiredService<RunningBuilds>(),
            provider.GetRequiredService<LifecycleBuild>(),
            provider.GetRequiredService<UnchangedBuilds>(),
            provider.GetRequiredService<DockerfileBuild>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddHostedService<BuildsSweep>();

    public static IEndpointRouteBuilder MapBuilds(this IEndpointRouteBuilder app)
    {
        BuildsEndpoints.Map(app);
        return app;
    }
}

/// <summary>At start: removes what builds left that a killed control did not end. The engine has ended their processes by then.</summary>
internal sealed class BuildsSweep(PlatformHome home, BuildStore builds) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            Run(home);
            builds.Interrupt();
        },
        cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal static void Run(PlatformHome home)
    {
        LoopFile.Sweep(home.Builds);
        var secrets = Path.Combine(home.Run, "builds");
        if (Directory.Exists(secrets))
        {
            Directory.Delete(secrets, recursive: true);
        }
    }
}
