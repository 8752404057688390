using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>Images that were not built here.</content>
public sealed partial class PaasClient
{
    /// <summary>Returns when the deploy has begun.</summary>
    public Task<DeployView> DeployImageAsync(string app, DeployImage image, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "deploys"), Body(image, Default.DeployImage), Default.DeployView, cancellationToken);

    /// <summary>"It follows none" is success.</summary>
    public Task UnfollowImageAsync(string app, CancellationToken cancellationToken = default) => _api.SendAsync(HttpMethod.Delete, Of(app, "followed-image"), cancellationToken);

    /// <summary>The team's logins at other registries.</summary>
    public Task<IReadOnlyList<RegistryLoginView>> RegistryLoginsAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("registry-credentials", Default.IReadOnlyListRegistryLoginView, cancellationToken);

    public Task<RegistryLoginView> SetRegistryLoginAsync(string host, SetRegistryLogin login, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Put, $"registry-credentials/{Escape(host)}", Body(login, Default.SetRegistryLogin), Default.RegistryLoginView, cancellationToken);

    public Task RemoveRegistryLoginAsync(string host, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, $"registry-credentials/{Escape(host)}", cancellationToken);
}
