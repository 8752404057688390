using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>tokens create, list, revoke.</summary>
internal static class TokensCommand
{
    private static readonly Option<string> NewName = new("--name") { Description = "What the token is for", HelpName = "NAME", Required = true };
    private static readonly Argument<string> Name = new("name") { Description = "Name of the token" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("tokens", "API tokens: the password for git and the registry, and Bearer for the API", "paas tokens").Runs(surroundings, ListAsync).With(
            new Verb("create", "Make a token; it is printed alone, and only this once", "paas tokens create --name ci", "paas tokens create --name ci > token")
                .With(NewName).Runs(surroundings, CreateAsync),
            new Verb("list", "List your tokens", "paas tokens list", "paas tokens list --json").Runs(surroundings, ListAsync),
            new Verb("revoke", "End a token", "paas tokens revoke ci").With(Name).Runs(surroundings, RevokeAsync));

    private static async Task CreateAsync(Call call, CancellationToken cancellationToken)
    {
        var created = await call.Client.CreateTokenAsync(call.Value(NewName)!, cancellationToken);
        call.Show(created, ContractJson.Default.CreatedToken, view => call.Print(view.Token));
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var tokens = await call.Client.TokensAsync(cancellationToken);
        call.Show(tokens, ContractJson.Default.IReadOnlyListTokenView, views =>
        {
            var table = call.Table("NAME", "CREATED", "LAST USED");
            foreach (var view in views)
            {
                table.Row(view.Name, Words.Ago(view.CreatedAt, call.Now), view.LastUsedAt is { } used ? Words.Ago(used, call.Now) : "never");
            }

            table.Print("You have no tokens. Make one with: paas tokens create --name NAME");
        });
    }

    private static async Task RevokeAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RevokeTokenAsync(call.Value(Name)!, cancellationToken);
        call.Done($"Revoked the token {call.Value(Name)}.");
    }
}
