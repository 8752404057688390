using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>sessions list, revoke.</summary>
internal static class SessionsCommand
{
    private static readonly Argument<long?> Number = new("number") { Description = "Number of the session, as 'paas sessions' shows it", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "Every session: sign out everywhere" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("sessions", "Browsers that are signed in as you", "paas sessions").Runs(surroundings, ListAsync).With(
            new Verb("list", "List them, last seen first", "paas sessions list", "paas sessions list --json").Runs(surroundings, ListAsync),
            new Verb("revoke", "Sign a browser out", "paas sessions revoke 3", "paas sessions revoke --all").With(Number, All).Runs(surroundings, RevokeAsync));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var sessions = await call.Client.SessionsAsync(cancellationToken);
        call.Show(sessions, ContractJson.Default.IReadOnlyListSessionView, views =>
        {
            var table = call.Table("NUMBER", "BROWSER", "ADDRESS", "BY", "SIGNED IN", "LAST SEEN");
            foreach (var view in views)
            {
                table.Row(view.Id.ToString(CultureInfo.InvariantCulture), view.Device, view.Address, view.Method, Words.Ago(view.CreatedAt, call.Now), Words.Ago(view.LastSeenAt, call.Now));
            }

            table.Print("No browser is signed in. Sign one in with: paas login --browser");
        });
    }

    private static async Task RevokeAsync(Call call, CancellationToken cancellationToken)
    {
        switch (call.Value(Number), call.Value(All))
        {
            case (null, true):
                await call.Client.RevokeSessionsAsync(cancellationToken);
                call.Print("Signed out everywhere.");
                break;
            case ({ } number, false):
                await call.Client.RevokeSessionAsync(number, cancellationToken);
                call.Print(string.Create(CultureInfo.InvariantCulture, $"Signed out session {number}."));
                break;
            default:
                throw CliError.Usage("Say which session to end, by its number in 'paas sessions', or --all.");
        }
    }
}
