using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>Bindings of an app, for its builds. Their files go in and never come out (trust rule 6).</summary>
internal static class BindingsEndpoints
{
    public static void MapBindingsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/apps/{app}/bindings").WithTags("apps").RequireAuthorization();
        api.MapGet("", List).WithSummary("The app's bindings with their file names; contents never come back.");
        api.MapPut("/{binding}", SetAsync).WithSummary("Keeps a binding, encrypted; builds find it under platform/bindings from the next one on.");
        api.MapDelete("/{binding}", RemoveAsync).WithSummary("Removes a binding.");
    }

    private static Ok<IReadOnlyList<BindingView>> List(string app, ClaimsPrincipal user, AppStore apps) =>
        TypedResults.Ok<IReadOnlyList<BindingView>>([.. apps.Bindings(apps.Get(Caller.Of(user).TeamId, app).Id).Select(View)]);

    private static async Task<Ok<BindingView>> SetAsync(
        string app, string binding, SetBinding request, ClaimsPrincipal user, AppStore apps, AppEvents events, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        apps.SetBinding(owned.Id, Binding.Of(binding, request.Type ?? "", request.Provider, request.Files ?? new Dictionary<string, string>()), caller.Name);
        await events.TellAsync(new AppChange(owned, caller.Name, "app.changed", $"Set the binding {binding} of {owned.Name}."), cancellationToken);
        return TypedResults.Ok(View(apps.Bindings(owned.Id).Single(item => item.Name == binding)));
    }

    private static async Task<NoContent> RemoveAsync(string app, string binding, ClaimsPrincipal user, AppStore apps, AppEvents events, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        var owned = apps.Get(caller.TeamId, app);
        if (!apps.RemoveBinding(owned.Id, binding))
        {
            throw new UserError("binding_not_found", 404, $"{owned.Name} has no binding '{Printable.Short(binding)}'. List them with: paas bindings list");
        }

        await events.TellAsync(new AppChange(owned, caller.Name, "app.changed", $"Removed the binding {binding} of {owned.Name}."), cancellationToken);
        return TypedResults.NoContent();
    }

    private static BindingView View(Binding binding) =>
        new(binding.Name, binding.Type, binding.Provider, [.. binding.Files.Keys.Where(key => key is not ("type" or "provider"))], binding.Actor, binding.UpdatedAt);
}
