namespace Paas.Routing;

/// <summary>Control's side of the edge. Wants a RoutingOptions beside it.</summary>
internal static class RoutingSetup
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddRouting(RoutingOptions options) => services
            .AddSingleton(options)
            .AddSingleton<RoutePublisher>()
            .AddHostedService<RoutesLoop>();
    }
}
