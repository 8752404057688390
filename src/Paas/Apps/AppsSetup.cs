using Dapper;
using Paas.State;

namespace Paas.Apps;

/// <summary>Needs PlatformHome, Database, PlatformAddress, TimeProvider and <see cref="DescribeApp"/> from the composition.</summary>
public static class AppsSetup
{
    public static IServiceCollection AddApps(this IServiceCollection services)
    {
        services.AddSingleton(provider => CipherOf(provider.GetRequiredService<PlatformHome>(), provider.GetRequiredService<Database>()));
        services.AddSingleton<AppStore>().AddSingleton<AppEvents>();
        services.AddSingleton<BindingsOf>(provider => app => provider.GetRequiredService<AppStore>().Bindings(app.Id));
        services.AddHostedService<AppsLoop>();
        return services;
    }

    public static void MapApps(this IEndpointRouteBuilder app)
    {
        app.MapAppsApi();
        app.MapConfigApi();
        app.MapBindingsApi();
        app.MapDomainsApi();
    }

    /// <summary>The key is made on an empty database only: with rows that it sealed, a new one would open nothing.</summary>
    internal static ConfigCipher CipherOf(PlatformHome home, Database database)
    {
        using var connection = database.Open();
        var isNew = connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM config_vars) OR EXISTS (SELECT 1 FROM releases) OR EXISTS (SELECT 1 FROM registry_logins) OR EXISTS (SELECT 1 FROM bindings)") == 0;
        return new ConfigCipher(home, mayMakeKey: isNew);
    }
}
