namespace Paas.Routing;

/// <summary>Control's side of the edge. Wants a RoutingOptions beside it.</summary>
internal static class RoutingSetup
{
    extension(IServiceCollection services)
    {
        /// <param name="options">Called when control starts: the instances' gateway is known by then.</param>
        public IServiceCollection AddRouting(Func<IServiceProvider, RoutingOptions> options) => services
            .AddSingleton(options)
            .AddSingleton<RoutePublisher>()
            .AddHostedService<RoutesLoop>();
    }
}
