using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Accounts;
using Paas.Client;
using Paas.State;

namespace Paas.Registry;

/// <summary>Collections by hand, and what past ones did. The store is one for all teams, and what goes names repositories of all: administrators only.</summary>
internal static class CollectionEndpoints
{
    private const int MostPast = 200;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/registry/collections").WithTags("registry").RequireAuthorization();
        api.MapPost("", CollectAsync).WithSummary("Removes what no tag, release or push needs, or says what would go. Administrators only.");
        api.MapGet("", List).WithSummary("Past collections, newest first. Administrators only.");
    }

    private static async Task<Ok<CollectionView>> CollectAsync(
        CollectRegistry request, ClaimsPrincipal user, AccountStore accounts, RegistryCollection collection, CancellationToken cancellationToken)
    {
        var caller = Administrator(user, accounts);
        var report = await collection.RunAsync(request.DryRun, caller.Name, null, cancellationToken);
        return TypedResults.Ok(new CollectionView(
            report.DryRun,
            report.StartedAt,
            report.EndedAt,
            report.Outcome == CollectionOutcome.TimeLimit ? "time_limit" : Word(report.Outcome),
            report.Sentence,
            report.Bytes,
            [.. report.Sums.Select(sum => new CollectedSumView(Word(sum.Kind), sum.Count, sum.Bytes))],
            new HeldContentView(report.Held.Count, report.Held.Bytes, report.Held.Until),
            [.. report.Items.Select(item => new CollectedItemView(Word(item.Kind), item.Repository, item.Name, item.Bytes, item.Reason))]));
    }

    private static Ok<IReadOnlyList<PastCollectionView>> List(int? limit, ClaimsPrincipal user, AccountStore accounts, CollectionJournal journal)
    {
        Administrator(user, accounts);
        return TypedResults.Ok<IReadOnlyList<PastCollectionView>>([.. journal.List(Math.Clamp(limit ?? 20, 1, MostPast)).Select(past => new PastCollectionView(
            past.Id, past.Cause, past.StartedAt, past.EndedAt, past.Outcome, past.Sentence, past.Count, past.Bytes))]);
    }

    private static Caller Administrator(ClaimsPrincipal user, AccountStore accounts) => Caller.Of(user) is var caller && accounts.IsAdministrator(caller.UserId)
        ? caller
        : throw new UserError("administrator_only", 403, "The store is one for all teams: ask an administrator of the platform to collect what it no longer needs.");

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
