using System.Globalization;
using Paas.Apps;
using Paas.Client;
using Paas.Deploys;
using Paas.Engine;
using Paas.Instances;
using Paas.Releases;
using Paas.State;

namespace Paas.Status;

/// <summary>An app's state in one word and one sentence, the same on page, CLI and API (dashboard.md, "State").</summary>
public sealed class AppState(AppStore apps, DeployStore deploys, ReleaseStore releases, RolloutStore rollouts, InstanceBoard board, PlatformAddress address, FollowedImages followed, TimeProvider time)
{
    public AppView Describe(App app)
    {
        var current = rollouts.CurrentOf(app.Id);
        var latest = deploys.Latest(app.Id);
        var running = current is null ? null : Look(app, current);
        var (state, sentence) = Say(latest, current, running);
        var domains = apps.DomainsOf(app.Id);
        var builtIn = address.HostOf(app.Name);
        return new AppView(
            app.Name,
            state,
            sentence,
            address.GitUrlOf(app.Name),
            address.UrlOf(domains is [var first, ..] ? first : builtIn),
            [builtIn, .. domains],
            current?.Release,
            new AppSettings(
                app.DeployBranch,
                app.HealthPath,
                (int)app.HealthTimeout.TotalSeconds,
                (int)app.DrainTimeout.TotalSeconds,
                (int)app.StopGrace.TotalSeconds,
                (int)app.BuildTimeout.TotalSeconds,
                app.ReadOnlyRoot)
            {
                Buildpacks = [.. BuildpackName.Split(app.Buildpacks).Select(name => name.ToString())],
                Builder = app.Builder,
                Dockerfile = app.Dockerfile,
            },
            app.CreatedAt)
        {
            LastDeploy = latest is null ? null : DeploysEndpoints.View(latest),
            InstancesLive = running?.Counts.Sum(item => item.Live) ?? 0,
            FollowedImage = ImagesEndpoints.View(followed.Find(app.Id)),
            InstancesWanted = running?.Counts.Sum(item => item.Wanted) ?? 0,
        };
    }

    private (string State, string Sentence) Say(DeployRecord? latest, RolloutRow? current, RunningNow? running)
    {
        if (latest is { IsRunning: true })
        {
            return ("deploying", Deploying(latest));
        }

        if (current is null || running is null)
        {
            return latest switch
            {
                { State: DeployState.Cancelled } => ("empty", string.Create(CultureInfo.InvariantCulture, $"v{latest.Number} was cancelled, nothing serves yet")),
                { Sentence: { } said } => ("failed", string.Create(CultureInfo.InvariantCulture, $"v{latest.Number} failed: {DeployFailures.Of(latest)?.Cause ?? said}")),
                _ => ("empty", "Nothing pushed yet"),
            };
        }

        return Running(current, running);
    }

    private static string Deploying(DeployRecord deploy)
    {
        var what = deploy.State switch
        {
            DeployState.Building => "Building",
            DeployState.Releasing => "Releasing",
            _ => "Starting",
        };
        return deploy.Phases is [.., { Seconds: null } phase]
            ? string.Create(CultureInfo.InvariantCulture, $"{what} v{deploy.Number}: {phase.Name}")
            : string.Create(CultureInfo.InvariantCulture, $"{what} v{deploy.Number}");
    }

    private RunningNow Look(App app, RolloutRow current)
    {
        var instances = board.Of(app.EngineName, current.Release, current.Revision).ToList();
        var formation = apps.FormationOf(app.Id);
        var processes = releases.ProcessesOf(app.Id, current.Release)?.Keys.Where(type => type != ReleaseCommand.ProcessType).ToArray() ?? [];
        var counts = instances.Select(item => item.State.Id.Process.Type)
            .Union(processes.Where(type => ProcessSpecs.FormationOf(type, formation).Count > 0))
            .Order(StringComparer.Ordinal)
            .Select(type => new TypeCount(type, instances.Count(item => item.State.Id.Process.Type == type && IsLive(item)), ProcessSpecs.FormationOf(type, formation).Count))
            .ToList();
        return new RunningNow(instances, counts, WithoutWeb.Say(processes, formation));
    }

    private (string State, string Sentence) Running(RolloutRow current, RunningNow running)
    {
        var (instances, counts, withoutWeb) = running;
        if (DownSince(instances, wantsWeb: withoutWeb is null && counts.Exists(item => item is { Type: ProcessSpecs.Web, Wanted: > 0 })) is { } down)
        {
            return ("down", down);
        }

        if (instances.Find(IsIll) is { } ill)
        {
            return ("degraded", string.Create(CultureInfo.InvariantCulture, $"{ill.State.Id.Short} is restarting: {InstanceViews.Cause(ill.State.LastExit!)}, {InstanceViews.Times(ill.State.Restarts + 1)}"));
        }

        if (counts.Count == 0 && withoutWeb is not null)
        {
            return ("live", string.Create(CultureInfo.InvariantCulture, $"Released v{current.Release}: {withoutWeb}"));
        }

        var said = counts.Count == 0 ? "scaled to 0" : string.Join(", ", counts.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Live} of {item.Wanted} {item.Type}")));
        return counts.Any(item => item.Live < item.Wanted)
            ? ("degraded", string.Create(CultureInfo.InvariantCulture, $"v{current.Release}: {said}"))
            : ("live", string.Create(CultureInfo.InvariantCulture, $"Live: v{current.Release}, {said}"));
    }

    /// <summary>Down is who should answer and does not: web where it is wanted, else everything, once something of it failed. Null when it is not.</summary>
    private string? DownSince(List<Instance> instances, bool wantsWeb)
    {
        var asked = wantsWeb ? instances.FindAll(item => item.State.Id.Process.Type == ProcessSpecs.Web) : instances;
        var ill = asked.Find(IsIll);
        if (asked.Exists(IsLive) || (!wantsWeb && ill is null))
        {
            return null;
        }

        var cause = ill is null ? "no web instance is healthy" : InstanceViews.Cause(ill.State.LastExit!);
        var since = ill?.State.LastExit?.At ?? asked.Select(item => item.State.Since).DefaultIfEmpty(time.GetUtcNow()).Min();
        return string.Create(CultureInfo.InvariantCulture, $"Down since {since:HH:mm} UTC: {cause}");
    }

    private static bool IsIll(Instance instance) => instance.State is { Phase: InstancePhase.BackingOff, LastExit: not null };

    private static bool IsLive(Instance instance) =>
        instance.State.Phase == InstancePhase.Running && (instance.Healthy || instance.State.Id.Process.Type != ProcessSpecs.Web);

    /// <param name="WithoutWeb">What to scale when the release has no web process; null when it has.</param>
    private sealed record RunningNow(List<Instance> Instances, List<TypeCount> Counts, string? WithoutWeb);

    private sealed record TypeCount(string Type, int Live, int Wanted);
}
