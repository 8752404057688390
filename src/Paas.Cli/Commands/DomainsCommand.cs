using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>domains add, remove, list.</summary>
internal static class DomainsCommand
{
    private static readonly Argument<string> Name = new("domain") { Description = "Such as www.example.com" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("domains", "Host names that the app answers to", "paas domains").Runs(surroundings, ListAsync).With(
            new Verb("add", "Add a domain", "paas domains add www.example.com").With(Name).Runs(surroundings, AddAsync),
            new Verb("remove", "Remove a domain", "paas domains remove www.example.com").With(Name).Runs(surroundings, RemoveAsync),
            new Verb("list", "List the app's domains", "paas domains list", "paas domains list --json").Runs(surroundings, ListAsync));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var domains = await call.Client.DomainsAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(domains, ContractJson.Default.IReadOnlyListDomainView, views =>
        {
            var table = call.Table("DOMAIN", "URL", "FROM");
            foreach (var view in views)
            {
                table.Row(view.Name, view.Url, view.BuiltIn ? "the platform" : "you");
            }

            table.Print("The app has no domains.");
        });
    }

    private static async Task AddAsync(Call call, CancellationToken cancellationToken)
    {
        var domain = await call.Client.AddDomainAsync(await call.AppAsync(cancellationToken), call.Value(Name)!, cancellationToken);
        call.Show(domain, ContractJson.Default.DomainView, view => call.Print($"Added {view.Name}. Point its DNS to this platform; it answers at {view.Url}"));
    }

    private static async Task RemoveAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RemoveDomainAsync(await call.AppAsync(cancellationToken), call.Value(Name)!, cancellationToken);
        call.Done($"Removed {call.Value(Name)}.");
    }
}
