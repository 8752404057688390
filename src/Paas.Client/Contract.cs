using System.Text.Json.Serialization;

namespace Paas.Client;

// The API's contract, /api/v1. Times are ISO 8601 with offset; in: CreateApp, out: AppView.

/// <summary>GET /whoami.</summary>
public sealed record WhoAmI(string User, string Team, string Token);

/// <summary>POST /tokens.</summary>
public sealed record CreateToken(string Name);

/// <summary>Answer to POST /tokens: the only time the token is shown.</summary>
public sealed record CreatedToken(string Name, string Token);

/// <summary>POST /admin/bootstrap on the admin socket: makes team and administrator where there are none, and a token.</summary>
/// <param name="User">Null: the first user ("admin" on an empty platform).</param>
/// <param name="TokenName">Null: "cli". A token that had the name is replaced.</param>
public sealed record Bootstrap(string? User, string? TokenName);

/// <summary>Answer to POST /admin/bootstrap.</summary>
public sealed record Bootstrapped(string User, string TokenName, string Token);

/// <summary>GET /tokens; DELETE /tokens/{name}.</summary>
public sealed record TokenView(string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>POST /admin/signin-link on the admin socket.</summary>
/// <param name="User">Null: the first user ("admin" on an empty platform, which is made then).</param>
public sealed record CreateSignInLink(string? User);

/// <summary>Answer to POST /signin-links: signs one browser in, once.</summary>
public sealed record SignInLinkView(string Url, DateTimeOffset ExpiresAt);

/// <summary>GET /sessions; DELETE /sessions/{id}; DELETE /sessions ends all.</summary>
/// <param name="Device">"Firefox on Linux".</param>
/// <param name="Address">Where it signed in from.</param>
/// <param name="Method">"link", "password" or "passkey".</param>
/// <param name="LastSeenAt">To the minute.</param>
/// <param name="Current">True for the one that asks.</param>
public sealed record SessionView(long Id, string Device, string Address, string Method, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, bool Current);

/// <summary>GET /apps and /apps/{app}.</summary>
/// <param name="State">live, deploying, degraded, down, failed, sleeping or empty.</param>
/// <param name="Sentence">The state with its cause: "Live: v12, 2 of 2 web".</param>
/// <param name="GitUrl">Where to push.</param>
/// <param name="Url">Its first domain with scheme and port.</param>
/// <param name="Release">Current release; null before the first.</param>
public sealed record AppView(
    string Name,
    string State,
    string Sentence,
    string GitUrl,
    string Url,
    IReadOnlyList<string> Domains,
    int? Release,
    AppSettings Settings,
    DateTimeOffset CreatedAt)
{
    /// <summary>The newest deploy, whatever became of it; null before the first.</summary>
    public DeployView? LastDeploy { get; init; }

    /// <summary>Instances of the current release that serve.</summary>
    public int InstancesLive { get; init; }

    /// <summary>What the formation asks for; 0 before the first release.</summary>
    public int InstancesWanted { get; init; }

    /// <summary>The image whose tag the app follows; null: none.</summary>
    public FollowedImageView? FollowedImage { get; init; }
}

/// <summary>Durations in seconds.</summary>
public sealed record AppSettings(
    string? DeployBranch,
    string? HealthPath,
    int HealthTimeout,
    int DrainTimeout,
    int StopGrace,
    int BuildTimeout,
    bool ReadOnlyRoot)
{
    /// <summary>Buildpacks that build it, in order; empty: the platform's order decides. A project.toml of the code that names a group wins.</summary>
    public IReadOnlyList<string> Buildpacks { get; init; } = [];

    /// <summary>As in <see cref="UpdateApp.Builder"/>.</summary>
    public string Builder { get; init; } = "auto";

    /// <summary>Null: "Dockerfile".</summary>
    public string? Dockerfile { get; init; }
}

/// <summary>GET /apps/{app}/formation.</summary>
public sealed record FormationView(string Type, int Count, int MemoryMb, int Pids, int DiskMb, string? Command);

/// <summary>PATCH /apps/{app}/formation: a list of these.</summary>
public sealed record ScaleProcess(string Type, int? Count, int? MemoryMb);

/// <summary>GET /apps/{app}/instances.</summary>
/// <param name="Name">"web.1".</param>
/// <param name="State">starting, live, restarting, stopping.</param>
/// <param name="Sentence">"Live for 4 min", "Restarting: exit 1, 3 times".</param>
/// <param name="MemoryMb">Use; null when it does not run.</param>
public sealed record InstanceView(
    string Name,
    string Type,
    int Release,
    string State,
    string Sentence,
    DateTimeOffset Since,
    int Restarts,
    double? MemoryMb,
    int MemoryLimitMb)
{
    /// <summary>Percent of one core (200: two cores busy), over the time since somebody asked before; null when it does not run or nobody
    /// asked within the last minute.</summary>
    public double? CpuPercent { get; init; }
}

/// <summary>GET /apps/{app}/config: values are masked unless marked plain.</summary>
/// <param name="Value">Null when masked.</param>
/// <param name="Scope">all, or run (does not reach builds).</param>
public sealed record ConfigVarView(string Name, string? Value, string Scope, bool Plain)
{
    /// <summary>Another one for every other value, scope or mark: tells whether somebody changed the var, and nothing about the value.</summary>
    public string Version { get; init; } = "";
}

/// <summary>PATCH /apps/{app}/config: null removes a var. One release for all of them.</summary>
/// <param name="Scope">For the vars that are set; null keeps it (new: all).</param>
/// <param name="Plain">Null keeps it (new: false).</param>
public sealed record UpdateConfig(IReadOnlyDictionary<string, string?> Vars, string? Scope = null, bool? Plain = null)
{
    /// <summary>By name, in place of <see cref="Scope"/> and <see cref="Plain"/>; may name vars that keep their value. Null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ConfigMarks>? Marks { get; init; }

    /// <summary>What each var was when it was looked at: its <see cref="ConfigVarView.Version"/>, null for one that was not there.
    /// Where one is another by now, nothing is changed (409, config_changed). Null: no questions asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string?>? IfVersions { get; init; }
}

/// <param name="Scope">all or run; null keeps it.</param>
/// <param name="Plain">Null keeps it.</param>
public sealed record ConfigMarks(string? Scope, bool? Plain);

/// <summary>POST /apps/{app}/config/review, with what PATCH would get: what it would do. Nothing is changed.</summary>
/// <param name="Changes">Of the vars that were named; by name.</param>
public sealed record ConfigReview(IReadOnlyList<ConfigChangeView> Changes);

/// <param name="Change">added, changed, removed, marked (scope or plain only) or same.</param>
/// <param name="Bytes">Of the value from then on, as UTF-8; null when the var is removed.</param>
public sealed record ConfigChangeView(string Name, string Change, int? Bytes);

/// <summary>Answer to PATCH config, rollback, restart and scale.</summary>
/// <param name="Release">The release that was made; null when none was (nothing pushed yet, or nothing changed).</param>
/// <param name="Sentence">What happened, for people.</param>
public sealed record ChangeView(int? Release, string Sentence);

/// <summary>POST /apps/{app}/config/reveal: the values of the named vars, all when empty.</summary>
public sealed record RevealConfig(IReadOnlyList<string> Names);

/// <summary>POST /apps/{app}/domains.</summary>
public sealed record AddDomain(string Name);

/// <summary>GET /apps/{app}/domains.</summary>
/// <param name="BuiltIn">The platform's own name for the app: it cannot be removed.</param>
public sealed record DomainView(string Name, string Url, bool BuiltIn);

/// <summary>GET /apps/{app}/deploys and /apps/{app}/deploys/{n}.</summary>
/// <param name="Cause">push, config, rollback or image.</param>
/// <param name="State">building, releasing, starting, live, failed, cancelled, interrupted, superseded.</param>
/// <param name="Sentence">How it ended, or what it does.</param>
public sealed record DeployView(
    int Number,
    string Cause,
    string State,
    string? Sentence,
    string? Commit,
    string? Message,
    string? Branch,
    string Actor,
    IReadOnlyList<PhaseView> Phases,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt)
{
    /// <summary>What went wrong; null unless it failed or was interrupted.</summary>
    public DeployFailure? Failure { get; init; }
}

/// <param name="Seconds">Null while it runs.</param>
public sealed record PhaseView(string Name, double? Seconds)
{
    /// <summary>Null on deploys from before this was written down.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>GET /apps/{app}/deploys/{n}/log (server-sent events, one each; ends with the deploy).</summary>
/// <param name="Sequence">From 1, without gaps.</param>
public sealed record DeployLogLine(long Sequence, DateTimeOffset At, string Phase, string Text);

/// <summary>GET /apps/{app}/releases and /apps/{app}/releases/{v}.</summary>
/// <param name="Image">Digest.</param>
/// <param name="Good">It has served: a rollback may go to it.</param>
public sealed record ReleaseView(
    int Number,
    bool Current,
    bool Good,
    string Description,
    string Image,
    string? Commit,
    string Actor,
    IReadOnlyDictionary<string, string> Processes,
    IReadOnlyList<string> ConfigNames,
    DateTimeOffset CreatedAt)
{
    /// <summary>Config vars that differ from the release before that served; empty in events, which do not compare.</summary>
    public IReadOnlyList<ConfigChange> ConfigChanges { get; init; } = [];

    /// <summary>When retention removed its image: it can no longer be rolled back to. Null: the image is there.</summary>
    public DateTimeOffset? ImageRemovedAt { get; init; }
}

/// <summary>GET /apps/{app}/releases/{v}/changes?from=11: what differs between two releases. Never a value of a config var.</summary>
/// <param name="From">Without "from": the release before that served; null when there was none.</param>
/// <param name="Code">Null when either was not built from a push, or both from the same commit.</param>
public sealed record ReleaseChanges(
    int? From,
    int To,
    bool ImageChanged,
    IReadOnlyList<ConfigChange> Config,
    IReadOnlyList<ProcessChange> Processes,
    CodeChanges? Code);

/// <param name="Change">added, removed or changed (its value or scope).</param>
public sealed record ConfigChange(string Name, string Change);

/// <summary>The command of a process type.</summary>
/// <param name="Before">Null: the type is new.</param>
/// <param name="After">Null: the type is gone.</param>
public sealed record ProcessChange(string Type, string? Before, string? After);

/// <param name="From">Commit, 40 hex characters.</param>
/// <param name="To">Likewise.</param>
/// <param name="Commits">In the later and not in the earlier, newest first; 50 at most.</param>
/// <param name="Undone">In the earlier and not in the later: what going back takes away; 50 at most.</param>
/// <param name="Files">By path; 200 at most.</param>
/// <param name="FilesTotal">Of all files that differ.</param>
/// <param name="Note">Why commits and files cannot be told; null when they are.</param>
public sealed record CodeChanges(
    string From,
    string To,
    IReadOnlyList<CommitView> Commits,
    IReadOnlyList<CommitView> Undone,
    IReadOnlyList<FileChange> Files,
    int FilesTotal,
    string? Note);

/// <param name="Message">Its first line.</param>
public sealed record CommitView(string Commit, string Author, DateTimeOffset At, string Message);

/// <summary>Lines added and removed; null: not text.</summary>
public sealed record FileChange(string Path, int? Added, int? Removed);

/// <summary>POST /apps/{app}/rollback: null means the good release before the current one.</summary>
public sealed record RollBack(int? Release);

/// <summary>GET /apps/{app}/activity?num=50 and /activity?num=50&amp;before=123&amp;app=shop: newest first.</summary>
/// <param name="Actor">User name, or "platform".</param>
/// <param name="Action">Stable: app.created, app.renamed, app.changed, app.destroyed, config.revealed, domain.added, domain.removed ...</param>
/// <param name="Text">A sentence for people.</param>
public sealed record ActivityView(DateTimeOffset At, string Actor, string Action, string Text)
{
    /// <summary>Grows with time: what to give as "before" to get what came earlier.</summary>
    public long Id { get; init; }

    /// <summary>Its name now; of a destroyed app the last one. Null for what concerns no app.</summary>
    public string? App { get; init; }

    /// <summary>The app is no more: <see cref="App"/> leads nowhere, or to another app.</summary>
    public bool AppGone { get; init; }
}

/// <summary>GET /apps/{app}/logs (server-sent events): ?type=web&amp;index=1&amp;num=100&amp;follow=true.
/// The id of each event is a cursor: what the reader has with it of every instance. With Last-Event-ID the stream goes on behind it,
/// through restarts of platform and app and through rotation, without a gap or a double; where lines are no longer kept a line of "platform" says so.
/// ?before=id gives the num lines before a line, ?from=id begins with it, ?since=time begins behind a time.
/// GET /apps/{app}/logs/download: all that is kept, as text.</summary>
/// <param name="Id">Of this line for as long as it is kept: instance, file, end in the file, time ("v3.web.1:17:4093:8de2...").</param>
/// <param name="Source">"web.1", or "platform" for the platform's own lines.</param>
public sealed record LogLineView(string Id, DateTimeOffset At, string Source, int Release, bool Error, string Text);

/// <summary>GET /status.</summary>
public sealed record StatusView(
    string Version,
    string State,
    string Sentence,
    int Apps,
    int Instances,
    string Engine,
    string Runtime,
    IReadOnlyList<string> Notes,
    DateTimeOffset StartedAt);

/// <summary>GET /events (server-sent events, id "boot-n"): state first (one "app" for each app), then "ready", then changes.
/// With Last-Event-ID the stream goes on behind that event, without state and "ready"; where it cannot, it is state first again:
/// at "ready" an app that was not told since the connection began is gone.</summary>
/// <param name="Kind">app, app.gone, deploy, release, instance, instance.gone, repository, ready.</param>
/// <param name="App">Null for "ready" and "repository".</param>
public sealed record EventView(string Kind, string? App, AppView? AppState, DeployView? Deploy, ReleaseView? Release, InstanceView? Instance)
{
    /// <summary>With app.gone: the name that the app has now; null when it was destroyed.</summary>
    public string? NewName { get; init; }

    /// <summary>With repository: the name of the one that was pushed to, changed or removed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Repository { get; init; }
}

/// <summary>RFC 9457 with a stable <see cref="Code"/>.</summary>
public sealed record Problem(int Status, string? Title, string? Detail, string? Code);

/// <summary>First message of GET /apps/{app}/run (WebSocket, text): what to run. Then binary messages, first byte the stream:
/// 0 stdin (empty: end of input), 1 stdout, 2 stderr; at the end one text message <see cref="RunEnded"/>.</summary>
/// <param name="Args">One string: bash -c; several: direct.</param>
public sealed record RunCommand(IReadOnlyList<string> Args);

/// <param name="Error">A sentence when it did not start.</param>
public sealed record RunEnded(int ExitCode, string? Error);

/// <summary>GET /apps/{app}/metrics: one value for each minute, oldest first; the last minute still runs.</summary>
/// <param name="From">When the first minute began.</param>
/// <param name="Step">Seconds: 60.</param>
/// <param name="Errors">Of the requests: answered with a status of 500 or more, by the app or in its place.</param>
/// <param name="Unserved">Of the errors: no instance answered, so the platform did (502, 503, 504).</param>
/// <param name="P50">Milliseconds to the first byte that half of the answered requests stayed below; null where none was answered.</param>
/// <param name="P95">The same for 95 %.</param>
/// <param name="P50OfAll">Over all minutes together.</param>
/// <param name="P95OfAll">Over all minutes together.</param>
public sealed record AppMetricsView(
    DateTimeOffset From,
    int Step,
    IReadOnlyList<long> Requests,
    IReadOnlyList<long> Errors,
    IReadOnlyList<long> Unserved,
    IReadOnlyList<double?> P50,
    IReadOnlyList<double?> P95,
    double? P50OfAll,
    double? P95OfAll);

/// <summary>GET /metrics.</summary>
/// <param name="Step">Seconds: 60.</param>
/// <param name="Apps">Those of the team that had requests.</param>
public sealed record TeamMetricsView(DateTimeOffset From, int Step, IReadOnlyList<AppRequestsView> Apps);

/// <summary>As in <see cref="AppMetricsView"/>.</summary>
public sealed record AppRequestsView(string App, IReadOnlyList<long> Requests, IReadOnlyList<long> Errors);

/// <summary>GET /apps/{app}/instances/metrics.</summary>
/// <param name="Step">Seconds: 10 for up to 10 minutes, else 60.</param>
public sealed record InstancesMetricsView(DateTimeOffset From, int Step, IReadOnlyList<InstanceMetricsView> Instances);

/// <summary>One value for each step, oldest first; null where it did not run.</summary>
/// <param name="Name">"web.1".</param>
/// <param name="MemoryMb">The greatest of the step.</param>
/// <param name="Cpu">Average of the step in per cent of one core.</param>
public sealed record InstanceMetricsView(string Name, int Release, int MemoryLimitMb, IReadOnlyList<double?> MemoryMb, IReadOnlyList<double?> Cpu);
