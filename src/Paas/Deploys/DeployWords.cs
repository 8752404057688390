using System.Globalization;
using Paas.Apps;
using Paas.Instances;
using Paas.Releases;
using Paas.State;

namespace Paas.Deploys;

/// <summary>What a deploy says at its end, with what serves then and where.</summary>
public sealed class DeployWords(RolloutStore rollouts, AppStore apps, PlatformAddress address)
{
    /// <summary>"v3 is live: http://hello.localhost:8080"; a release without a web process has no URL but may have to be scaled.</summary>
    public string Live(App app, Release release)
    {
        // It may have been renamed meanwhile: the old name's URL is nobody's.
        var name = apps.Find(app.Id)?.Name ?? app.Name;
        return WithoutWeb.Say(release.Processes.Keys, apps.FormationOf(app.Id)) is { } without
            ? $"Released {release.Tag}: {without}"
            : $"{release.Tag} is live: {address.UrlOf(address.HostOf(name))}";
    }

    public string Cancelled(App app) => $"The deploy was cancelled: {StillServing(app)}";

    public string Interrupted(App app) => $"The platform stopped during the deploy: push again. {StillServing(app)}";

    public string ImageInterrupted(App app) => $"The platform stopped before the image was taken in: what was pushed is deployed when it is back, else deploy it again. {StillServing(app)}";

    public string StillServing(App app) => rollouts.CurrentOf(app.Id) is { } current
        ? string.Create(CultureInfo.InvariantCulture, $"v{current.Release} goes on serving.")
        : "Nothing serves yet.";
}
