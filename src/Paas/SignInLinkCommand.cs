using System.Globalization;
using System.Net.Sockets;
using Paas.Client;
using Paas.State;

namespace Paas;

/// <summary>`paasd signin-link [user]`: for root on the machine, prints a one-time link into the dashboard; on an empty platform it makes the
/// first administrator.</summary>
internal static class SignInLinkCommand
{
    /// <param name="user">Null: the first user.</param>
    public static async Task<int> RunAsync(string? user, CancellationToken cancellationToken)
    {
        var home = new PlatformHome(PlatformOptions.FromEnvironment().Home);
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, token) => await LocalSocket.ConnectAsync(home.AdminSocket, token), UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };
        using var response = await SendAsync(http, home, user, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.Content.ReadFromJsonAsync(ContractJson.Default.Problem, cancellationToken);
            throw new UserError(problem?.Code ?? "http", (int)response.StatusCode, problem?.Detail ?? "The platform made no link: its log, logs/control.log in its home, says why.");
        }

        var link = (await response.Content.ReadFromJsonAsync(ContractJson.Default.SignInLinkView, cancellationToken))!;
        Console.WriteLine(link.Url);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"It signs one browser in, once, until {link.ExpiresAt:HH:mm} UTC."));
        return 0;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, PlatformHome home, string? user, CancellationToken cancellationToken)
    {
        try
        {
            return await http.PostAsJsonAsync("http://admin/admin/signin-link", new CreateSignInLink(user), ContractJson.Default.CreateSignInLink, cancellationToken);
        }
        catch (HttpRequestException error) when (error.GetBaseException() is SocketException or IOException)
        {
            throw new UserError("platform_stopped", 503, $"The platform in {home.Root} does not answer root on this machine: start it with install/quickstart.sh, and run this as root.");
        }
    }
}
