using Paas.Buildpacks;
using Paas.Builds.Debian;

namespace Paas.Builds;

/// <summary>What builds before have fetched, for the buildpacks of a group that ask for it, and what this build leaves for those after it.</summary>
internal sealed class SharedArchives(DebianPackages debian, FetchedArchives fetched)
{
    /// <summary>Shows them to a build.</summary>
    /// <param name="place">Where it runs.</param>
    /// <param name="group">Who builds.</param>
    /// <param name="line">Takes what the pusher should read.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    /// <returns>Keeps what the build has fetched: to be called once its processes are gone.</returns>
    public async Task<Action<CancellationToken>> ShowAsync(BuildSandbox place, IReadOnlyList<Buildpack> group, Action<string> line, CancellationToken cancellationToken)
    {
        var lists = group.Any(DebianPackages.IsWantedBy) ? await debian.ShowAsync(place, line, cancellationToken) : null;
        if (group.Any(FetchedArchives.IsWantedBy))
        {
            fetched.Show(place);
        }

        return token =>
        {
            try
            {
                Keep(new UntrustedTree(place.Dirs.Layers), group, lists, token);
            }
            catch (IOException unkept)
            {
                // The build is as good as without it.
                line($"What was fetched could not be kept for other builds: {unkept.Message}");
            }
        };
    }

    /// <summary>Only of those that came with the platform: others have no reason to leave anything.</summary>
    private void Keep(UntrustedTree layers, IReadOnlyList<Buildpack> group, string? lists, CancellationToken cancellationToken)
    {
        foreach (var buildpack in group.Where(BuildSandbox.IsOwn))
        {
            if (lists is not null && DebianPackages.IsWantedBy(buildpack))
            {
                debian.Keep(layers, buildpack, lists, cancellationToken);
            }

            if (FetchedArchives.IsWantedBy(buildpack))
            {
                fetched.Keep(layers, buildpack, cancellationToken);
            }
        }
    }
}
