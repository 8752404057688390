using Paas.Apps;

namespace Paas.Status;

/// <summary>States in words, and the changes of all slices told to the event stream.</summary>
internal static class StatusSetup
{
    public static IServiceCollection AddStatus(this IServiceCollection services) => services
        .AddSingleton(provider => new StartTime(provider.GetRequiredService<TimeProvider>().GetUtcNow()))
        .AddSingleton<AppState>()
        .AddSingleton<DescribeApp>(provider => provider.GetRequiredService<AppState>().Describe)
        .AddHostedService<Newsroom>();

    public static IEndpointRouteBuilder MapStatus(this IEndpointRouteBuilder app)
    {
        StatusEndpoints.Map(app);
        return app;
    }
}
