using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Registry;

/// <summary>Tokens of the team that open the registry only.</summary>
internal static class RobotEndpoints
{
    public static void MapRobots(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/registry/tokens").WithTags("registry").RequireAuthorization();
        api.MapGet("", List).WithSummary("Tokens that open the registry only, for CI and other machines.");
        api.MapPost("", Create).WithSummary("A new one; it is shown in this answer and never again.");
        api.MapDelete("/{name}", Revoke).WithSummary("From now on it opens nothing.");
    }

    private static Ok<IReadOnlyList<RegistryTokenView>> List(ClaimsPrincipal user, RobotTokens robots) =>
        TypedResults.Ok<IReadOnlyList<RegistryTokenView>>([.. robots.List(Caller.Of(user).TeamId).Select(static token => new RegistryTokenView(
            token.Name, token.IsNode ? "node" : "robot", token.Patterns, [.. token.Rights.Names()], token.CreatedAt, token.ExpiresAt, token.LastUsedAt))]);

    private static Created<CreatedRegistryToken> Create(CreateRegistryToken request, ClaimsPrincipal user, RobotTokens robots, PlatformAddress address)
    {
        var (token, secret) = robots.Create(Caller.Of(user), request.Name, request.Repositories ?? [], Rights(request.Rights ?? []), Lifetime(request.ExpiresInSeconds));
        return TypedResults.Created((string?)null, new CreatedRegistryToken(token.Name, secret, address.RegistryHost, token.ExpiresAt));
    }

    private static NoContent Revoke(string name, ClaimsPrincipal user, RobotTokens robots) =>
        robots.Revoke(Caller.Of(user), name)
            ? TypedResults.NoContent()
            : throw new UserError("token_not_found", 404, $"There is no registry token named '{Printable.Short(name)}'. List them with: paas registry tokens list");

    private static RegistryRights Rights(IReadOnlyList<string> names) => names.Aggregate(RegistryRights.None, static (sum, name) => sum | name switch
    {
        "pull" => RegistryRights.Pull,
        "push" => RegistryRights.Push,
        "delete" => RegistryRights.Delete,
        _ => throw new UserError("robot_rights_unknown", 400, $"A token has no right '{Printable.Short(name)}': there are pull, push and delete."),
    });

    private static TimeSpan? Lifetime(long? seconds) => seconds is { } count ? TimeSpan.FromSeconds(Math.Clamp(count, -1, int.MaxValue)) : null;
}
