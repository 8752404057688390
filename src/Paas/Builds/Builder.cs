using Paas.Apps;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Builds a source into an image with Cloud Native Buildpacks.</summary>
public sealed class Builder
{
    /// <param name="app">The app; its caches and limits.</param>
    /// <param name="number">Number of the deploy.</param>
    /// <param name="source">The tree to build.</param>
    /// <param name="config">Config vars; those with scope run are left out by the builder.</param>
    /// <param name="log">Takes each line and each phase.</param>
    /// <param name="cancellationToken">Kills the build.</param>
    public Task<BuildResult> BuildAsync(App app, int number, Source source, IReadOnlyList<ConfigVar> config, IBuildLog log, CancellationToken cancellationToken) => throw new NotSupportedException($"{app} {number} {source} {config} {log}");
}

/// <summary>How a build ended.</summary>
public abstract record BuildResult
{
    private BuildResult()
    {
    }

    /// <param name="Image">Digest of the manifest in the content store.</param>
    /// <param name="Processes">Process types of the image with the command as people read it; "release" is one of them.</param>
    public sealed record Built(Digest Image, IReadOnlyDictionary<string, string> Processes) : BuildResult;

    /// <param name="Code">Stable: no_buildpack, build_failed, build_timeout, build_memory, build_disk, procfile_invalid, lock_file_missing ...</param>
    public sealed record Failed(string Code, string Sentence) : BuildResult;
}

/// <summary>Where a build says what it does. (Not a seam: the deploy log, and a list in tests.)</summary>
public interface IBuildLog
{
    /// <summary>detect, restore, build, export ...; ends the phase before it.</summary>
    void Phase(string name);

    void Line(string text);
}
