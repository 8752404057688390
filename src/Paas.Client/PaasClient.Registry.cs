using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>The built-in registry.</content>
public sealed partial class PaasClient
{
    /// <summary>The team's repositories by name.</summary>
    public Task<IReadOnlyList<RepositoryView>> RepositoriesAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("registry/repositories", Default.IReadOnlyListRepositoryView, cancellationToken);

    /// <param name="name">"hello", "team/app".</param>
    public Task<RepositoryView> RepositoryAsync(string name, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"registry/repositories/{Path(name)}", Default.RepositoryView, cancellationToken);

    public Task<RepositoryView> UpdateRepositoryAsync(string name, UpdateRepository update, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Patch, $"registry/repositories/{Path(name)}", Body(update, Default.UpdateRepository), Default.RepositoryView, cancellationToken);

    /// <summary>With all its tags and manifests; refused where a release needs one.</summary>
    public Task DeleteRepositoryAsync(string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, $"registry/repositories/{Path(name)}", cancellationToken);

    /// <summary>Pushed last first.</summary>
    /// <param name="limit">1-10,000.</param>
    public Task<IReadOnlyList<TagView>> TagsAsync(string name, int limit = 100, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"registry/tags/{Path(name)}?limit={Text(limit)}", Default.IReadOnlyListTagView, cancellationToken);

    /// <param name="reference">A tag or a digest.</param>
    /// <param name="raw">With the manifest's bytes.</param>
    public Task<ManifestView> ManifestAsync(string name, string reference, bool raw = false, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"{OfManifest(name, reference)}{(raw ? "&raw=true" : "")}", Default.ManifestView, cancellationToken);

    /// <summary>A tag goes alone, a digest with all its tags; refused where a release needs it.</summary>
    public Task DeleteManifestAsync(string name, string reference, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, OfManifest(name, reference), cancellationToken);

    public Task<RegistryUsageView> RegistryUsageAsync(CancellationToken cancellationToken = default) => _api.GetAsync("registry/usage", Default.RegistryUsageView, cancellationToken);

    /// <summary>Removes what nothing needs; an administrator's. It may take minutes.</summary>
    /// <param name="dryRun">Only says what would go.</param>
    public Task<CollectionView> CollectRegistryAsync(bool dryRun, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "registry/collections", Body(new CollectRegistry(dryRun), Default.CollectRegistry), Default.CollectionView, cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<PastCollectionView>> CollectionsAsync(int limit = 20, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"registry/collections?limit={Text(limit)}", Default.IReadOnlyListPastCollectionView, cancellationToken);

    private static string OfManifest(string name, string reference) => $"registry/manifests/{Path(name)}?reference={Escape(reference)}";

    /// <summary>Escaped but for the slashes; what would lead to another address stays one part, which no repository has as its name.</summary>
    private static string Path(string name) => name.Split('/') is var parts && parts.Any(part => part is "." or "..") ? Escape(name) : string.Join('/', parts.Select(Escape));
}
