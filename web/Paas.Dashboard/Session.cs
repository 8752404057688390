using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Paas.Client;

namespace Paas.Dashboard;

/// <summary>The signed-in session of one page: whose API client everything on it uses.</summary>
public sealed class Session(ApiClients clients, AuthenticationStateProvider authentication) : IDisposable
{
    private PaasClient? _client;
    private WhoAmI? _who;

    /// <summary>Who looks at the page, proven by the API.</summary>
    public async ValueTask<WhoAmI> WhoAsync(CancellationToken cancellationToken) =>
        _who ??= await (await ClientAsync()).WhoAmIAsync(cancellationToken);

    public async ValueTask<PaasClient> ClientAsync() => _client ??= clients.Of(await PrincipalAsync());

    public async ValueTask<ClaimsPrincipal> PrincipalAsync() => (await authentication.GetAuthenticationStateAsync()).User;

    public void Dispose() => _client?.Dispose();
}
