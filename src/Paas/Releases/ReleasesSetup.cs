using Paas.Apps;
using Paas.Logs;
using Paas.Oci;

namespace Paas.Releases;

internal static class ReleasesSetup
{
    /// <summary>Lines of instances are kept for some releases back: so are the secrets that must not show in them.</summary>
    private const int SecretsRemembered = 20;

    public static IServiceCollection AddReleases(this IServiceCollection services) => services
        .AddSingleton<ReleasesOptions>()
        .AddSingleton<ReleaseStore>()
        .AddSingleton<ReleaseRetention>()
        .AddSingleton<ContentRoots>(provider => provider.GetRequiredService<ReleaseRetention>().Needs)
        .AddSingleton<ReleaseCommand>()
        .AddSingleton<SecretsOf>(provider => app => provider.GetRequiredService<ReleaseStore>().List(app.Id, SecretsRemembered).SelectMany(release => release.Config))
        .AddSingleton<CommandsOf>(provider => app => provider.GetRequiredService<CurrentRelease>()(app.Id) is { } number
            ? provider.GetRequiredService<ReleaseStore>().ProcessesOf(app.Id, number)
            : null);

    public static IEndpointRouteBuilder MapReleases(this IEndpointRouteBuilder app)
    {
        ReleasesEndpoints.Map(app);
        return app;
    }
}
