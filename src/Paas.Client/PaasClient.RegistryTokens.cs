using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>Tokens that open the registry only.</content>
public sealed partial class PaasClient
{
    public Task<IReadOnlyList<RegistryTokenView>> RegistryTokensAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("registry/tokens", Default.IReadOnlyListRegistryTokenView, cancellationToken);

    public Task<CreatedRegistryToken> CreateRegistryTokenAsync(CreateRegistryToken request, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "registry/tokens", Body(request, Default.CreateRegistryToken), Default.CreatedRegistryToken, cancellationToken);

    public Task RevokeRegistryTokenAsync(string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, $"registry/tokens/{Escape(name)}", cancellationToken);
}
