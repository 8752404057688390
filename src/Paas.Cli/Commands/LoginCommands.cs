using System.CommandLine;
using System.Globalization;
using System.Text;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>login, logout, whoami.</summary>
internal static class LoginCommands
{
    private static readonly Option<string?> Token = new("--token") { Description = "An API token (others on this machine may see arguments: prefer --token-stdin)", HelpName = "TOKEN" };
    private static readonly Option<bool> TokenStdin = new("--token-stdin") { Description = "Read the token from stdin" };

    private static readonly Option<bool> Browser = new("--browser") { Description = "Sign a browser in: print a one-time link to the dashboard, and open it where there is a desktop" };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("login", "Sign in to a platform with an API token", "paas login --url http://localhost:8080", "paas login --url http://localhost:8080 --token-stdin < token", "paas login --browser")
            .With(Token, TokenStdin, Browser).Runs(surroundings, LoginAsync),
        new Verb("logout", "Forget the platform's token on this machine", "paas logout", "paas logout --url http://localhost:8080").Runs(surroundings, Logout),
        new Verb("whoami", "Say who is signed in, and where", "paas whoami", "paas whoami --json").Runs(surroundings, WhoAmIAsync),
    ];

    private static async Task LoginAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Value(Browser))
        {
            await SignBrowserInAsync(call, cancellationToken);
            return;
        }

        var credentials = Credentials.Of(call.Surroundings);
        var url = Platforms.ForLogin(call.Url, call.Surroundings, credentials);
        var token = (call.Value(Token) ?? await ReadTokenAsync(call, cancellationToken)).Trim();
        if (token.Length == 0 || token.Any(char.IsControl))
        {
            throw CliError.Usage("The token is empty or has more than one line. Pass the token alone, for example: paas login --token-stdin < token");
        }

        using var client = new PaasClient(url, token);
        var me = await client.WhoAmIAsync(cancellationToken);
        credentials.SignIn(url, me.User, token);
        call.Show(me, ContractJson.Default.WhoAmI, view => call.Print($"Signed in to {Platforms.Text(url)} as {view.User}."));
    }

    private static async Task SignBrowserInAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Has(Token) || call.Has(TokenStdin))
        {
            throw CliError.Usage("--browser uses the token that you are signed in with: give it alone, after 'paas login'.");
        }

        var link = await call.Client.CreateSignInLinkAsync(cancellationToken);
        call.Show(link, ContractJson.Default.SignInLinkView, view =>
        {
            call.Print(view.Url);
            call.Surroundings.Error.WriteLine($"It signs one browser in, once, until {view.ExpiresAt.ToUniversalTime().ToString("HH:mm", CultureInfo.InvariantCulture)} UTC.");
        });
        BrowserWindow.OpenSecret(call.Surroundings, link.Url, Credentials.Of(call.Surroundings).Folder);
    }

    private static Task Logout(Call call, CancellationToken cancellationToken)
    {
        var credentials = Credentials.Of(call.Surroundings);
        var url = Platforms.Choose(call.Url, call.Surroundings, credentials).Url;
        call.Done(credentials.SignOut(url)
            ? $"Signed out of {Platforms.Text(url)}. The token stays valid until it is revoked: paas tokens revoke NAME"
            : $"You were not signed in to {Platforms.Text(url)}.");
        return Task.CompletedTask;
    }

    private static async Task WhoAmIAsync(Call call, CancellationToken cancellationToken)
    {
        var me = await call.Client.WhoAmIAsync(cancellationToken);
        call.Show(me, ContractJson.Default.WhoAmI, view => call.Print($"{view.User} (team {view.Team}, token {view.Token}) on {Platforms.Text(call.Client.Platform)}"));
    }

    private static async Task<string> ReadTokenAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Value(TokenStdin))
        {
            using var reader = new StreamReader(call.Surroundings.OpenInput(), Encoding.UTF8);
            return await reader.ReadToEndAsync(cancellationToken);
        }

        return call.Surroundings.InputIsTerminal
            ? ReadUnseen(call.Surroundings.Error)
            : throw CliError.Usage("There is no token to sign in with. Pass it with --token-stdin, or run this on a terminal to be asked.");
    }

    private static string ReadUnseen(TextWriter prompt)
    {
        prompt.Write("Token: ");
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                typed.Append(key.KeyChar);
            }
            else if (typed.Length > 0)
            {
                typed.Length--;
            }
        }

        prompt.WriteLine();
        return typed.ToString();
    }
}
