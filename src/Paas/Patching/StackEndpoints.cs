using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Patching;

/// <summary>The base images are one for all teams, and what stands on them is everybody's: administrators only.</summary>
internal static class StackEndpoints
{
    private const int MostUpdates = 200;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/stack").WithTags("stack").RequireAuthorization();
        api.MapGet("", ShowAsync).WithSummary("The base images, and which apps stand on older ones. Administrators only.");
        api.MapGet("/plan", PlanAsync).WithSummary("What an update would do: newer packages, apps that would move. Asks Debian's mirrors unless offline=true. Administrators only.");
        api.MapPost("/updates", Start).WithSummary("Begins an update: new base images, every app rebased and rolled out. Goes on in the platform. Administrators only.");
        api.MapGet("/updates", List).WithSummary("Updates, newest first. Administrators only.");
        api.MapGet("/updates/{id:long}", Get).WithSummary("One update with its lines and what became of each app. Administrators only.");
        api.MapGet("/schedule", ReadSchedule).WithSummary("The weekly update. Administrators only.");
        api.MapPut("/schedule", SetSchedule).WithSummary("Turns the weekly update on or off, and says when it runs. Administrators only.");
    }

    private static async Task<Ok<StackView>> ShowAsync(ClaimsPrincipal user, AccountStore accounts, StackViews views, CancellationToken cancellationToken)
    {
        Administrator(user, accounts);
        return TypedResults.Ok(await views.ShowAsync(cancellationToken));
    }

    private static async Task<Ok<StackPlanView>> PlanAsync(bool? offline, ClaimsPrincipal user, AccountStore accounts, StackViews views, CancellationToken cancellationToken)
    {
        Administrator(user, accounts);
        return TypedResults.Ok(await views.PlanAsync(offline ?? false, cancellationToken));
    }

    private static Accepted<StackUpdateView> Start(StartStackUpdate request, ClaimsPrincipal user, AccountStore accounts, StackUpdates updates)
    {
        var update = updates.Start(Administrator(user, accounts).Name, request.Offline);
        return TypedResults.Accepted($"/api/v1/stack/updates/{update.Id}", StackViews.View(update));
    }

    private static Ok<IReadOnlyList<StackUpdateView>> List(int? limit, ClaimsPrincipal user, AccountStore accounts, StackUpdates updates)
    {
        Administrator(user, accounts);
        return TypedResults.Ok<IReadOnlyList<StackUpdateView>>([.. updates.List(Math.Clamp(limit ?? 20, 1, MostUpdates)).Select(StackViews.View)]);
    }

    private static Ok<StackUpdateView> Get(long id, ClaimsPrincipal user, AccountStore accounts, StackUpdates updates)
    {
        Administrator(user, accounts);
        return TypedResults.Ok(StackViews.View(updates.Find(id) ?? throw new UserError("stack_update_not_found", 404, $"There is no update {id} of the base images. See them with: paas stack status")));
    }

    private static Ok<StackScheduleView> ReadSchedule(ClaimsPrincipal user, AccountStore accounts, StackScheduleStore schedules, StackViews views)
    {
        Administrator(user, accounts);
        return TypedResults.Ok(views.View(schedules.Read()));
    }

    private static Ok<StackScheduleView> SetSchedule(StackScheduleView wish, ClaimsPrincipal user, AccountStore accounts, StackScheduleStore schedules, StackViews views)
    {
        Administrator(user, accounts);
        if (!Enum.GetNames<DayOfWeek>().Contains(wish.Day, StringComparer.OrdinalIgnoreCase) || !Enum.TryParse<DayOfWeek>(wish.Day, ignoreCase: true, out var day))
        {
            throw new UserError("stack_schedule_invalid", 400, $"'{wish.Day}' is not a day of the week: write it like sunday.");
        }

        if (wish.Hour is < 0 or > 23)
        {
            throw new UserError("stack_schedule_invalid", 400, "The hour is from 0 to 23, of the server's clock.");
        }

        return TypedResults.Ok(views.View(schedules.Save(wish.Enabled, day, wish.Hour)));
    }

    private static Caller Administrator(ClaimsPrincipal user, AccountStore accounts) => Caller.Of(user) is var caller && accounts.IsAdministrator(caller.UserId)
        ? caller
        : throw new UserError("administrator_only", 403, "The base images are one for all teams: ask an administrator of the platform to update them.");
}
