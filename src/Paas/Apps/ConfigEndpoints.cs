using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>Reading config vars and the formation. Values are masked; revealing them is a request of its own that leaves a trace (trust rule 6).</summary>
internal static class ConfigEndpoints
{
    public static void MapConfigApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps/{app}").WithTags("config").RequireAuthorization();
        api.MapGet("/config", List).WithSummary("Config vars; values are null unless marked plain.");
        api.MapPost("/config/reveal", RevealAsync).WithSummary("The values of the named vars, of all when none is named.");
        api.MapPost("/config/review", Review).WithSummary("What a PATCH with the same body would do; nothing is changed.");
        api.MapGet("/formation", Formation).WithSummary("Count and size of the process types.");
    }

    private static Ok<IReadOnlyList<ConfigVarView>> List(string app, ClaimsPrincipal user, AppStore apps)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, app);
        return TypedResults.Ok<IReadOnlyList<ConfigVarView>>([.. apps.ConfigVars(owned.Id).Select(item => View(apps, owned, item, item.Plain))]);
    }

    private static async Task<Ok<IReadOnlyList<ConfigVarView>>> RevealAsync(
        string app, RevealConfig request, ClaimsPrincipal user, AppStore apps, AppEvents events, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        var all = apps.ConfigVars(owned.Id);
        var wanted = request.Names is not { Count: > 0 } names ? all : [.. names.Select(name => Named(all, owned, name))];
        if (wanted.Count > 0)
        {
            await events.TellAsync(new AppChange(owned, caller.Name, "config.revealed", $"Looked at {string.Join(", ", wanted.Select(item => item.Name))}."), cancellationToken);
        }

        return TypedResults.Ok<IReadOnlyList<ConfigVarView>>([.. wanted.Select(item => View(apps, owned, item, revealed: true))]);
    }

    private static Ok<ConfigReview> Review(string app, UpdateConfig update, ClaimsPrincipal user, AppStore apps)
    {
        var before = apps.ConfigVars(apps.Get(Caller.Of(user).TeamId, app).Id);
        return TypedResults.Ok(ConfigUpdates.Review(before, ConfigUpdates.Apply(before, update), update));
    }

    private static Ok<IReadOnlyList<FormationView>> Formation(string app, ClaimsPrincipal user, AppStore apps, IEnumerable<CommandsOf> commands)
    {
        var owned = apps.Get(Caller.Of(user).TeamId, app);
        return TypedResults.Ok(FormationViews.Of(apps.FormationOf(owned.Id), commands.FirstOrDefault()?.Invoke(owned)));
    }

    private static ConfigVar Named(IReadOnlyList<ConfigVar> all, App app, string name) => all.FirstOrDefault(item => item.Name == name)
        ?? throw new UserError("config_not_found", 404, $"{app.Name} has no config var '{Printable.Short(name)}'. List them with: paas config");

    private static ConfigVarView View(AppStore apps, App app, ConfigVar item, bool revealed) =>
        new(item.Name, revealed ? item.Value : null, item.RunOnly ? "run" : "all", item.Plain) { Version = apps.VersionOf(app.Id, item) };
}
