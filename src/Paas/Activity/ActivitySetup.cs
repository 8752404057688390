using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Registry;

namespace Paas.Activity;

/// <summary>The event stream and the activity log; both follow the apps by themselves.</summary>
public static class ActivitySetup
{
    public static IServiceCollection AddActivity(this IServiceCollection services)
    {
        services.AddSingleton<Events>().AddSingleton<ActivityLog>().AddSingleton<AppChanges>();
        services.AddSingleton<AppChanged>(provider => provider.GetRequiredService<AppChanges>().TellAsync);
        services.AddSingleton<AccountChanged>(provider => change =>
            provider.GetRequiredService<ActivityLog>().Record(change.TeamId, null, change.Actor, change.Action, change.Text));
        services.AddSingleton<RegistryNoted>(provider => change =>
            provider.GetRequiredService<ActivityLog>().Record(change.TeamId, change.AppId, change.Actor, change.Action, change.Text));
        services.AddSingleton<RepositoryTouched>(provider => (team, name) =>
            provider.GetRequiredService<Events>().Publish(new EventView("repository", null, null, null, null, null) { Repository = name }, team));
        return services;
    }

    public static void MapActivity(this IEndpointRouteBuilder app) => app.MapActivityApi();
}
