using Paas.Apps;

namespace Paas.Metrics;

/// <summary>Counts and samples of the last hour. (The names AddMetrics and MapMetrics are taken by ASP.NET Core and its guests.)</summary>
internal static class MetricsSetup
{
    public static IServiceCollection AddAppMetrics(this IServiceCollection services) => services
        .AddSingleton<RequestStore>()
        .AddSingleton<RequestHistory>()
        .AddSingleton<InstanceHistory>()
        .AddSingleton<AppDestroyed>(provider => (app, _) =>
        {
            provider.GetRequiredService<RequestHistory>().Forget(app.Id);
            return Task.CompletedTask;
        })
        .AddSingleton<MetricsLoop>()
        .AddHostedService(provider => provider.GetRequiredService<MetricsLoop>());

    public static IEndpointRouteBuilder MapAppMetrics(this IEndpointRouteBuilder app)
    {
        MetricsEndpoints.Map(app);
        return app;
    }
}
