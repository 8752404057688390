using Paas.Apps;
using Paas.Builds;

namespace Paas.Deploys;

/// <summary>The path of a deploy.</summary>
public sealed class Deploy
{
    /// <summary>Builds the pushed source and makes it live; the caller holds the app's turn.</summary>
    /// <param name="app">The app.</param>
    /// <param name="source">The checked-out tree; the deploy owns its directory and removes it.</param>
    /// <param name="actor">Who pushed.</param>
    /// <param name="line">Takes each line for the pusher's terminal.</param>
    /// <param name="cancellationToken">The platform stops: interrupted.</param>
    public Task<DeployResult> PushAsync(App app, Source source, string actor, Action<string> line, CancellationToken cancellationToken) => throw new NotSupportedException($"{app} {source} {actor}");

    /// <summary>The release that already serves this commit with today's config, or null.</summary>
    public int? LiveReleaseOf(App app, string commit) => throw new NotSupportedException($"{app} {commit}");
}
