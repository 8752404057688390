using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>Buildpacks.</content>
public sealed partial class PaasClient
{
    public Task<IReadOnlyList<BuildpackView>> BuildpacksAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("buildpacks", Default.IReadOnlyListBuildpackView, cancellationToken);

    /// <summary>What was asked for is the last, after its parts.</summary>
    public Task<IReadOnlyList<BuildpackView>> AddBuildpackAsync(AddBuildpack buildpack, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "buildpacks", Body(buildpack, Default.AddBuildpack), Default.IReadOnlyListBuildpackView, cancellationToken);

    /// <param name="archive">A tar of the buildpack's folder, or a .cnb file.</param>
    /// <param name="name">For the list.</param>
    public Task<IReadOnlyList<BuildpackView>> UploadBuildpackAsync(HttpContent archive, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, $"buildpacks/upload?name={Escape(name)}", archive, Default.IReadOnlyListBuildpackView, cancellationToken);

    /// <param name="name">"id" or "id@version".</param>
    public Task RemoveBuildpackAsync(string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, $"buildpacks/{string.Join('/', name.Split('/').Select(Escape))}", cancellationToken);

    public Task<IReadOnlyList<BindingView>> BindingsAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "bindings"), Default.IReadOnlyListBindingView, cancellationToken);

    /// <summary>All of it: what is there is replaced.</summary>
    public Task<BindingView> SetBindingAsync(string app, string name, SetBinding binding, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Put, Of(app, $"bindings/{Escape(name)}"), Body(binding, Default.SetBinding), Default.BindingView, cancellationToken);

    public Task RemoveBindingAsync(string app, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, Of(app, $"bindings/{Escape(name)}"), cancellationToken);

    /// <param name="buildpacks">As in <see cref="UpdateApp.Buildpacks"/>; null: the platform's order.</param>
    public Task<AppView> CreateAppAsync(string name, IReadOnlyList<string>? buildpacks, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "apps", Body(new CreateApp(name) { Buildpacks = buildpacks }, Default.CreateApp), Default.AppView, cancellationToken);
}
