using System.ComponentModel;
using System.Diagnostics;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>open: the app in a browser.</summary>
internal static class OpenCommand
{
    public static Verb Make(Surroundings surroundings) =>
        new Verb("open", "Open the app in a browser, and print its URL", "paas open", "paas open --app myapp").Runs(surroundings, OpenAsync);

    private static async Task OpenAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.Client.AppAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(app, ContractJson.Default.AppView, view => call.Print(view.Url));
        var desktop = call.Surroundings.Variable("DISPLAY") ?? call.Surroundings.Variable("WAYLAND_DISPLAY");
        if (desktop is null || !call.Surroundings.OutIsTerminal || !Uri.TryCreate(app.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return;
        }

        try
        {
            using var browser = Process.Start(new ProcessStartInfo("xdg-open", [url.ToString()]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            // No browser to open: the URL is printed.
        }
    }
}
