using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>open: the app's place in the dashboard, or the app itself, in a browser.</summary>
internal static class OpenCommand
{
    private static readonly Option<bool> Site = new("--site") { Description = "The app itself instead, at its own address" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("open", "Open the app in the dashboard, and print the URL", "paas open", "paas open --site", "paas open --app myapp").With(Site).Runs(surroundings, OpenAsync);

    private static async Task OpenAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.Client.AppAsync(await call.AppAsync(cancellationToken), cancellationToken);
        var text = call.Value(Site) ? app.Url : new Uri(call.Client.Platform, $"/apps/{Uri.EscapeDataString(app.Name)}").ToString();
        call.Show(app, ContractJson.Default.AppView, _ => call.Print(text));
        BrowserWindow.Open(call.Surroundings, text);
    }
}
