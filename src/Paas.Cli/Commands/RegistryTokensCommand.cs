using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>registry tokens create, list, revoke.</summary>
internal static class RegistryTokensCommand
{
    private static readonly Option<string> NewName = new("--name") { Description = "What the token is for; by default its repositories", HelpName = "NAME" };
    private static readonly Option<string[]> Repositories = new("--repo") { Description = "A repository's name, or a pattern with '*' for any characters; can be repeated", HelpName = "PATTERN", Required = true };
    private static readonly Option<bool> Pull = new("--pull") { Description = "It may pull" };
    private static readonly Option<bool> Push = new("--push") { Description = "It may push" };
    private static readonly Option<bool> Delete = new("--delete") { Description = "It may delete" };
    private static readonly Option<string?> Expires = new("--expires") { Description = "How long it lasts: 90d, 12h, 30m; without this it does not expire", HelpName = "TIME" };
    private static readonly Argument<string> Name = new("name") { Description = "Name of the token" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("tokens", "Tokens that open the registry only: for CI and other machines", "paas registry tokens").Runs(surroundings, ListAsync).With(
            new Verb(
                "create",
                "Make a token; it is printed alone, and only this once",
                "paas registry tokens create --repo hello --pull --push --expires 90d",
                "paas registry tokens create --name mirror --repo 'team/*' --repo hello --pull").With(NewName, Repositories, Pull, Push, Delete, Expires).Runs(surroundings, CreateAsync),
            new Verb("list", "List the team's tokens", "paas registry tokens list", "paas registry tokens list --json").Runs(surroundings, ListAsync),
            new Verb("revoke", "End a token", "paas registry tokens revoke ci").With(Name).Runs(surroundings, RevokeAsync));

    private static async Task CreateAsync(Call call, CancellationToken cancellationToken)
    {
        var repositories = call.Value(Repositories)!;
        IReadOnlyList<string> rights = [.. new[] { (Pull, "pull"), (Push, "push"), (Delete, "delete") }.Where(right => call.Value(right.Item1)).Select(right => right.Item2)];
        var request = new CreateRegistryToken(call.Value(NewName) ?? NameOf(repositories, call.Now), repositories, rights, SecondsOf(call.Value(Expires)));
        var created = await call.Client.CreateRegistryTokenAsync(request, cancellationToken);
        call.Show(created, ContractJson.Default.CreatedRegistryToken, view => call.Print(view.Token));
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var tokens = await call.Client.RegistryTokensAsync(cancellationToken);
        call.Show(tokens, ContractJson.Default.IReadOnlyListRegistryTokenView, views =>
        {
            var table = call.Table("NAME", "REPOSITORIES", "RIGHTS", "EXPIRES", "LAST USED");
            foreach (var view in views)
            {
                table.Row(
                    view.Name,
                    view.Kind == "node" ? "what runs on the node" : string.Join(' ', view.Repositories),
                    string.Join(',', view.Rights),
                    view.ExpiresAt is { } end ? end <= call.Now ? "expired" : end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "never",
                    view.LastUsedAt is { } used ? Words.Ago(used, call.Now) : "never");
            }

            table.Print("There are no registry tokens. Make one with: paas registry tokens create --repo NAME --pull --push");
        });
    }

    private static async Task RevokeAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RevokeRegistryTokenAsync(call.Value(Name)!, cancellationToken);
        call.Done($"Revoked the registry token {call.Value(Name)}.");
    }

    /// <summary>"hello-20260102-1504": what it opens and when it was made.</summary>
    private static string NameOf(string[] repositories, DateTimeOffset now)
    {
        var first = string.Concat(repositories[0].Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');
        return $"{(first.Length == 0 ? "all" : first[..Math.Min(first.Length, 40)])}-{now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Null: it does not expire.</summary>
    private static long? SecondsOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var unit = text.Length > 1 ? text[^1] switch { 'd' => 86_400, 'h' => 3_600, 'm' => 60, 's' => 1, _ => 0 } : 0;
        return unit > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (long)count * unit
            : throw new CliError(ExitCodes.Usage, $"'{text}' does not say how long the token lasts. Example: --expires 90d (or 12h, 30m)");
    }
}
