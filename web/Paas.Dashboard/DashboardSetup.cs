using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Paas.Dashboard.Live;
using Radzen;

namespace Paas.Dashboard;

/// <summary>The dashboard in its host: services, pages, static files.</summary>
public static class DashboardSetup
{
    public static IServiceCollection AddDashboard(this IServiceCollection services, Func<IServiceProvider, DashboardOptions> options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services
            .AddSingleton<ApiClients>()
            .AddSingleton<Feeds>()
            .AddSingleton<Handover>()
            .AddScoped<Session>()
            .AddScoped<LiveFeed>()
            .AddScoped<DialogService>()
            .AddScoped<NotificationService>()
            .AddScoped<TooltipService>()
            .AddScoped<ContextMenuService>()
            .AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A page that comes back within this finds itself as it was; each waiting page costs memory.
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
            circuits.DisconnectedCircuitMaxRetained = 50;
        });
        return services;
    }

    /// <summary>In the pipeline before authentication: headers of pages, and a page for addresses where there is none.</summary>
    public static void UseDashboard(this IApplicationBuilder app)
    {
        app.UseMiddleware<PageAddresses>();
        app.UseMiddleware<PageHeaders>();
    }

    public static void MapDashboard(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<DashboardOptions>();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(server =>
            {
                server.ContentSecurityFrameAncestorsPolicy = null;
                server.DisableWebSocketCompression = true;
            })
            .WithMetadata(new DashboardPage())
            .RequireAuthorization(options.Policy);
        var manifest = Path.Combine(AppContext.BaseDirectory, "paasd.staticwebassets.endpoints.json");
        if (File.Exists(manifest))
        {
            app.MapStaticAssets(manifest).AllowAnonymous();
        }
    }
}

/// <summary>Marks the endpoints that are pages.</summary>
internal sealed class DashboardPage;
