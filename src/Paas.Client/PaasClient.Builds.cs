using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>Builds and what they keep.</content>
public sealed partial class PaasClient
{
    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<BuildView>> BuildsAsync(string app, int limit = 25, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"builds?limit={Text(limit)}"), Default.IReadOnlyListBuildView, cancellationToken);

    public Task<BuildView> BuildAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"builds/{Text(number)}"), Default.BuildView, cancellationToken);

    public Task<BuildView> CancelBuildAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, $"builds/{Text(number)}/cancel"), null, Default.BuildView, cancellationToken);

    public Task<BuildCacheView> BuildCacheAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "builds/cache"), Default.BuildCacheView, cancellationToken);

    public Task<BuildCachesView> BuildCachesAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("builds/cache", Default.BuildCachesView, cancellationToken);

    /// <returns>What was there before.</returns>
    public Task<BuildCacheView> ClearBuildCacheAsync(string app, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, Of(app, "builds/cache"), null, Default.BuildCacheView, cancellationToken);
}
