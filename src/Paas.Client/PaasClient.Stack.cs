using System.Text.Json;
using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>The base image under every app, and what is inside releases.</content>
public sealed partial class PaasClient
{
    /// <summary>An administrator's.</summary>
    public Task<StackView> StackAsync(CancellationToken cancellationToken = default) => _api.GetAsync("stack", Default.StackView, cancellationToken);

    /// <summary>What an update would do; it asks Debian's mirrors, which takes seconds. An administrator's.</summary>
    /// <param name="offline">Do not ask them.</param>
    public Task<StackPlanView> StackPlanAsync(bool offline, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"stack/plan{(offline ? "?offline=true" : "")}", Default.StackPlanView, cancellationToken);

    /// <summary>Begins one; it goes on in the platform. An administrator's.</summary>
    public Task<StackUpdateView> StartStackUpdateAsync(bool offline, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "stack/updates", Body(new StartStackUpdate(offline), Default.StartStackUpdate), Default.StackUpdateView, cancellationToken);

    /// <summary>Newest first. An administrator's.</summary>
    public Task<IReadOnlyList<StackUpdateView>> StackUpdatesAsync(int limit = 20, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"stack/updates?limit={Text(limit)}", Default.IReadOnlyListStackUpdateView, cancellationToken);

    public Task<StackUpdateView> StackUpdateAsync(long id, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"stack/updates/{id.ToString(System.Globalization.CultureInfo.InvariantCulture)}", Default.StackUpdateView, cancellationToken);

    public Task<StackScheduleView> StackScheduleAsync(CancellationToken cancellationToken = default) => _api.GetAsync("stack/schedule", Default.StackScheduleView, cancellationToken);

    public Task<StackScheduleView> SetStackScheduleAsync(StackScheduleView schedule, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Put, "stack/schedule", Body(schedule, Default.StackScheduleView), Default.StackScheduleView, cancellationToken);

    /// <summary>What is inside a release, as CycloneDX 1.5.</summary>
    public Task<JsonElement> SbomAsync(string app, int release, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"releases/{Text(release)}/sbom"), Default.JsonElement, cancellationToken);

    /// <summary>What is inside a release, by name.</summary>
    public Task<IReadOnlyList<PackageView>> PackagesAsync(string app, int release, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"releases/{Text(release)}/packages"), Default.IReadOnlyListPackageView, cancellationToken);

    /// <param name="version">Null: any.</param>
    public Task<ContainingView> ReleasesContainingAsync(string package, string? version, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"releases/containing?package={Escape(package)}{(version is null ? "" : $"&version={Escape(version)}")}", Default.ContainingView, cancellationToken);
}
