using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>registry login, logout and logins: the team's logins at other registries.</summary>
internal static class RegistryLoginCommands
{
    private static readonly Argument<string> Host = new("host") { Description = "The registry: ghcr.io, docker.io, registry.example.com:5000" };
    private static readonly Option<string> Username = new("--username", "-u") { Description = "User name there", HelpName = "NAME", Required = true };
    private static readonly Option<bool> PasswordStdin = new("--password-stdin") { Description = "Read the password or access token from the standard input" };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("login", "Keep a login for a private registry, to deploy its images", "paas registry login ghcr.io --username me --password-stdin < token")
            .With(Host, Username, PasswordStdin).Runs(surroundings, LoginAsync),
        new Verb("logout", "Forget the login for a registry", "paas registry logout ghcr.io").With(Host).Runs(surroundings, LogoutAsync),
        new Verb("logins", "The team's logins at other registries", "paas registry logins").Runs(surroundings, ListAsync),
    ];

    private static async Task LoginAsync(Call call, CancellationToken cancellationToken)
    {
        if (!call.Value(PasswordStdin))
        {
            throw CliError.Usage("The password comes from the standard input, so that no shell remembers it: paas registry login ghcr.io --username me --password-stdin < token");
        }

        using var reader = new StreamReader(call.Surroundings.OpenInput());
        var password = (await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n');
        if (password.Length == 0)
        {
            throw CliError.Usage("No password came from the standard input. Example: paas registry login ghcr.io --username me --password-stdin < token");
        }

        var text = call.Value(Host)!;
        var plain = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        var host = text.Split("://", 2)[^1].TrimEnd('/');
        var login = new SetRegistryLogin(call.Value(Username)!, password) { PlainHttp = plain };
        var view = await call.WorkingAsync($"Signing in at {host}", call.Client.SetRegistryLoginAsync(host, login, cancellationToken), cancellationToken);
        call.Show(view, ContractJson.Default.RegistryLoginView, shown => call.Print($"Signed in at {shown.Host} as {shown.Username}. The password is kept encrypted; deploy from there with: paas deploy --image {shown.Host}/..."));
    }

    private static async Task LogoutAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RemoveRegistryLoginAsync(call.Value(Host)!.Split("://", 2)[^1].TrimEnd('/'), cancellationToken);
        call.Done($"Forgot the login for {call.Value(Host)}.");
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var logins = await call.Client.RegistryLoginsAsync(cancellationToken);
        call.Show(logins, ContractJson.Default.IReadOnlyListRegistryLoginView, views =>
        {
            var table = call.Table("REGISTRY", "USER", "BY", "SINCE");
            foreach (var view in views)
            {
                table.Row(view.Host, view.Username, view.Actor, Words.Ago(view.UpdatedAt, call.Now));
            }

            table.Print("There are no logins at other registries. Images that everybody may pull need none; for others: paas registry login HOST --username NAME --password-stdin");
        });
    }
}
