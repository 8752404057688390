using Paas.Apps;

namespace Paas.Logs;

/// <summary>Needs <see cref="Engine.IEngine"/> from the composition.</summary>
public static class LogsSetup
{
    public static IServiceCollection AddLogs(this IServiceCollection services)
    {
        services.AddSingleton<AppLogs>();
        services.AddSingleton<SecretsOf>(provider => app => provider.GetRequiredService<AppStore>().ConfigVars(app.Id));
        services.AddSingleton<SecretsOf>(provider => app => provider.GetRequiredService<AppStore>().Bindings(app.Id).SelectMany(Binding.SecretsOf));
        return services;
    }

    public static void MapLogs(this IEndpointRouteBuilder app) => app.MapLogsApi();
}
