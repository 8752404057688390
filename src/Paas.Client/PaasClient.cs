using System.Globalization;
using System.Net.ServerSentEvents;
using static Paas.Client.ApiConnection;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <summary>The platform's API, typed. Throws <see cref="ProblemException"/> when the platform says no and
/// <see cref="HttpRequestException"/> when it cannot be reached.</summary>
public sealed partial class PaasClient : IDisposable
{
    private readonly ApiConnection _api;
    private readonly TimeProvider _time;

    /// <param name="token">Null: signed out.</param>
    /// <param name="time">Paces reconnections; null: the system's.</param>
    public PaasClient(Uri platform, string? token, TimeProvider? time = null)
        : this(platform, new ApiConnection(platform, token, LoopbackNames.Handler(platform), ownsHandler: true), time)
    {
    }

    /// <summary>Over connections that are shared: the handler reaches the platform, proves who asks, and outlives this.</summary>
    public PaasClient(Uri platform, HttpMessageHandler handler, TimeProvider? time = null)
        : this(platform, new ApiConnection(platform, null, handler, ownsHandler: false), time)
    {
    }

    private PaasClient(Uri platform, ApiConnection api, TimeProvider? time) => (Platform, _api, _time) = (platform, api, time ?? TimeProvider.System);

    private EventReading Events => new(_api, _time);

    public Uri Platform { get; }

    public void Dispose() => _api.Dispose();

    public Task<WhoAmI> WhoAmIAsync(CancellationToken cancellationToken = default) => _api.GetAsync("whoami", Default.WhoAmI, cancellationToken);

    public Task<IReadOnlyList<TokenView>> TokensAsync(CancellationToken cancellationToken = default) => _api.GetAsync("tokens", Default.IReadOnlyListTokenView, cancellationToken);

    public Task<CreatedToken> CreateTokenAsync(string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "tokens", Body(new CreateToken(name), Default.CreateToken), Default.CreatedToken, cancellationToken);

    public Task RevokeTokenAsync(string name, CancellationToken cancellationToken = default) => _api.SendAsync(HttpMethod.Delete, $"tokens/{Escape(name)}", cancellationToken);

    /// <summary>A one-time link that signs a browser in as the token's user.</summary>
    public Task<SignInLinkView> CreateSignInLinkAsync(CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "signin-links", null, Default.SignInLinkView, cancellationToken);

    /// <summary>Browsers that are signed in, last seen first.</summary>
    public Task<IReadOnlyList<SessionView>> SessionsAsync(CancellationToken cancellationToken = default) => _api.GetAsync("sessions", Default.IReadOnlyListSessionView, cancellationToken);

    public Task RevokeSessionAsync(long id, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"sessions/{id}"), cancellationToken);

    /// <summary>Signs out everywhere.</summary>
    public Task RevokeSessionsAsync(CancellationToken cancellationToken = default) => _api.SendAsync(HttpMethod.Delete, "sessions", cancellationToken);

    public Task<IReadOnlyList<AppView>> AppsAsync(CancellationToken cancellationToken = default) => _api.GetAsync("apps", Default.IReadOnlyListAppView, cancellationToken);

    public Task<AppView> AppAsync(string app, CancellationToken cancellationToken = default) => _api.GetAsync(Of(app), Default.AppView, cancellationToken);

    public Task<AppView> CreateAppAsync(string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, "apps", Body(new CreateApp(name), Default.CreateApp), Default.AppView, cancellationToken);

    public Task<AppView> UpdateAppAsync(string app, UpdateApp update, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Patch, Of(app), Body(update, Default.UpdateApp), Default.AppView, cancellationToken);

    public Task DestroyAppAsync(string app, CancellationToken cancellationToken = default) => _api.SendAsync(HttpMethod.Delete, Of(app), cancellationToken);

    public Task<IReadOnlyList<FormationView>> FormationAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "formation"), Default.IReadOnlyListFormationView, cancellationToken);

    public Task<ChangeView> ScaleAsync(string app, IReadOnlyList<ScaleProcess> processes, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Patch, Of(app, "formation"), Body(processes, Default.IReadOnlyListScaleProcess), Default.ChangeView, cancellationToken);

    public Task<ChangeView> RestartAsync(string app, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "restart"), null, Default.ChangeView, cancellationToken);

    public Task<IReadOnlyList<InstanceView>> InstancesAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "instances"), Default.IReadOnlyListInstanceView, cancellationToken);

    /// <summary>Requests to every app of the team in the last hour.</summary>
    public Task<TeamMetricsView> MetricsAsync(CancellationToken cancellationToken = default) => _api.GetAsync("metrics", Default.TeamMetricsView, cancellationToken);

    /// <summary>Requests to the app in the last hour.</summary>
    public Task<AppMetricsView> MetricsAsync(string app, CancellationToken cancellationToken = default) => _api.GetAsync(Of(app, "metrics"), Default.AppMetricsView, cancellationToken);

    /// <param name="minutes">1-60.</param>
    public Task<InstancesMetricsView> InstanceMetricsAsync(string app, int minutes = 60, CancellationToken cancellationToken = default) =>
        _api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{Of(app, "instances/metrics")}?minutes={minutes}"), Default.InstancesMetricsView, cancellationToken);

    public Task<IReadOnlyList<ConfigVarView>> ConfigAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "config"), Default.IReadOnlyListConfigVarView, cancellationToken);

    /// <summary>Leaves a trace in the app's activity.</summary>
    public Task<IReadOnlyList<ConfigVarView>> RevealConfigAsync(string app, IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "config/reveal"), Body(new RevealConfig(names), Default.RevealConfig), Default.IReadOnlyListConfigVarView, cancellationToken);

    /// <summary>What the update would do; breaks of a rule are told as the update itself would.</summary>
    public Task<ConfigReview> ReviewConfigAsync(string app, UpdateConfig update, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "config/review"), Body(update, Default.UpdateConfig), Default.ConfigReview, cancellationToken);

    public Task<ChangeView> UpdateConfigAsync(string app, UpdateConfig update, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Patch, Of(app, "config"), Body(update, Default.UpdateConfig), Default.ChangeView, cancellationToken);

    public Task<IReadOnlyList<DomainView>> DomainsAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "domains"), Default.IReadOnlyListDomainView, cancellationToken);

    public Task<DomainView> AddDomainAsync(string app, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "domains"), Body(new AddDomain(name), Default.AddDomain), Default.DomainView, cancellationToken);

    public Task RemoveDomainAsync(string app, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, Of(app, $"domains/{Escape(name)}"), cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<DeployView>> DeploysAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "deploys"), Default.IReadOnlyListDeployView, cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="limit">1-200.</param>
    public Task<IReadOnlyList<DeployView>> DeploysAsync(string app, int limit, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"deploys?limit={Text(limit)}"), Default.IReadOnlyListDeployView, cancellationToken);

    public Task<DeployView> DeployAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"deploys/{Text(number)}"), Default.DeployView, cancellationToken);

    public Task<DeployView> CancelDeployAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, $"deploys/{Text(number)}/cancel"), null, Default.DeployView, cancellationToken);

    /// <summary>The deploy's log; a broken connection is taken up where it broke.</summary>
    /// <param name="follow">To the deploy's end; false: what is there now.</param>
    public IAsyncEnumerable<SseItem<DeployLogLine>> DeployLogAsync(string app, int number, string? lastEventId = null, bool follow = true, CancellationToken cancellationToken = default) =>
        Events.ReadAsync(
            Of(app, $"deploys/{Text(number)}/log{(follow ? "" : "?follow=false")}"),
            Default.DeployLogLine,
            lastEventId,
            follow ? async token => (await DeployAsync(app, number, token).ConfigureAwait(false)).EndedAt is not null : null,
            cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<ReleaseView>> ReleasesAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "releases"), Default.IReadOnlyListReleaseView, cancellationToken);

    /// <summary>Newest first.</summary>
    /// <param name="limit">1-200.</param>
    public Task<IReadOnlyList<ReleaseView>> ReleasesAsync(string app, int limit, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"releases?limit={Text(limit)}"), Default.IReadOnlyListReleaseView, cancellationToken);

    public Task<ReleaseView> ReleaseAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"releases/{Text(number)}"), Default.ReleaseView, cancellationToken);

    /// <summary>What differs between two releases.</summary>
    /// <param name="from">Null: the release before that served.</param>
    public Task<ReleaseChanges> ReleaseChangesAsync(string app, int number, int? from = null, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"releases/{Text(number)}/changes{(from is { } other ? $"?from={Text(other)}" : "")}"), Default.ReleaseChanges, cancellationToken);

    /// <param name="release">Null: the good release before the current one.</param>
    public Task<ChangeView> RollBackAsync(string app, int? release, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, "rollback"), Body(new RollBack(release), Default.RollBack), Default.ChangeView, cancellationToken);

    public Task<IReadOnlyList<ActivityView>> ActivityAsync(string app, int num = 50, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"activity?num={Text(num)}"), Default.IReadOnlyListActivityView, cancellationToken);

    /// <summary>Of the whole team, newest first.</summary>
    /// <param name="app">Null: what concerns no app too.</param>
    /// <param name="before">Only what came earlier than this <see cref="ActivityView.Id"/>; null: from the newest.</param>
    public Task<IReadOnlyList<ActivityView>> TeamActivityAsync(string? app = null, long? before = null, int num = 50, CancellationToken cancellationToken = default)
    {
        var query = $"activity?num={Text(num)}" + (before is { } id ? string.Create(CultureInfo.InvariantCulture, $"&before={id}") : "") + (app is null ? "" : $"&app={Escape(app)}");
        return _api.GetAsync(query, Default.IReadOnlyListActivityView, cancellationToken);
    }

    /// <param name="type">Null: every process type.</param>
    /// <param name="follow">True: goes on for ever, through restarts of the platform.</param>
    public IAsyncEnumerable<SseItem<LogLineView>> LogsAsync(
        string app, string? type, int? index, int num, bool follow, string? lastEventId = null, CancellationToken cancellationToken = default)
    {
        var query = $"logs?num={Text(num)}" + (type is null ? "" : $"&type={Escape(type)}") + (index is { } at ? $"&index={Text(at)}" : "") + (follow ? "&follow=true" : "");
        return Events.ReadAsync(Of(app, query), Default.LogLineView, lastEventId, follow ? static _ => Task.FromResult(false) : null, cancellationToken);
    }

    /// <summary>State first, then changes, for ever.</summary>
    public IAsyncEnumerable<SseItem<EventView>> EventsAsync(string? lastEventId = null, CancellationToken cancellationToken = default) =>
        Events.ReadAsync("events", Default.EventView, lastEventId, static _ => Task.FromResult(false), cancellationToken);

    public Task<StatusView> StatusAsync(CancellationToken cancellationToken = default) => _api.GetAsync("status", Default.StatusView, cancellationToken);

    /// <summary>Runs a one-off command with the current release's image and config vars.</summary>
    public Task<RunEnded> RunAsync(string app, RunCommand command, LocalStreams streams, CancellationToken cancellationToken = default) =>
        new RunConnection(_api).RunAsync(Of(app, "run"), command, streams, cancellationToken);

    private static string Of(string app, string? part = null) => part is null ? $"apps/{Escape(app)}" : $"apps/{Escape(app)}/{part}";

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
