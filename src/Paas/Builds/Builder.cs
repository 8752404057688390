using Paas.Apps;
using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>Builds a source into an image with Cloud Native Buildpacks.</summary>
public sealed class Builder(BuildsOptions options, BuildChoices choices, PlatformHome home, Stacks stacks, StackCache shared, BuildCache cache, RunningBuilds running, Lifecycle lifecycle, Snapshots snapshots, Sandbox sandbox, PackageHosts packageHosts, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(options.AtOnce);

    /// <param name="app">The app; its caches and limits.</param>
    /// <param name="number">Number of the deploy.</param>
    /// <param name="source">The tree to build.</param>
    /// <param name="config">Config vars; those with scope run are left out by the builder.</param>
    /// <param name="log">Takes each line and each phase.</param>
    /// <param name="cancellationToken">Kills the build.</param>
    public async Task<BuildResult> BuildAsync(App app, int number, Source source, IReadOnlyList<ConfigVar> config, IBuildLog log, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            log.Line("Waiting for another build to end ...");
            await _turns.WaitAsync(cancellationToken);
        }

        using var limit = new CancellationTokenSource(app.BuildTimeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await BuildInSandboxAsync(app, number, source, config, log, () => limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested, stop.Token);
        }
        catch (BuildFailureException failure)
        {
            return new BuildResult.Failed(failure.Code, failure.Message);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<BuildResult> BuildInSandboxAsync(
        App app, int number, Source source, IReadOnlyList<ConfigVar> config, IBuildLog terminal, Func<bool> isTimeUp, CancellationToken cancellationToken)
    {
        var log = new HeldVerdict(terminal);
        log.Phase("prepare");
        var (run, build) = await stacks.ReadAsync(cancellationToken);
        var choice = choices.Read(app, source, log.Line, cancellationToken);
        var catalog = choice.Catalog;
        var (host, reach) = await packageHosts.ReadAsync(log.Line, cancellationToken);
        var id = $"{app.Name}.{number}";
        var previous = cache.Find(app.Id);
        using var runs = running.Begin(id, previous);
        await using var place = await BuildSandbox.CreateAsync(
            sandbox,
            new BuildSandboxSpec
            {
                Id = id,
                Image = build.Digest,
                Source = source.Directory,
                Config = choice.EnvWith(config),
                Added = choice.Mounted,
                Host = host,
                Reach = reach,
                Packages = shared.Packages,
                Options = options,
                DiskRoot = home.Builds,
                SecretsRoot = Path.Combine(home.Run, "builds"),
            },
            cancellationToken);
        if (choice.Project.Filter is { } filter)
        {
            log.Line($"project.toml leaves {filter.Prune(place.Dirs.Workspace)} files out of the build.");
        }

        try
        {
            var analysis = Lifecycle.Analyze(build, run, previous);
            analysis = analysis with { BaseEnv = analysis.BaseEnv.Concat(host.Proxies).ToDictionary() };
            return await RunPhasesAsync(app, source, catalog, analysis, place, log, cancellationToken);
        }
        catch (LifecycleFailure failure)
        {
            return log.Say(BuildFailures.Of(failure, catalog.LooksFor, place.Observed));
        }
        catch (OperationCanceledException) when (isTimeUp())
        {
            return BuildFailures.Timeout(app.BuildTimeout, place.Observed);
        }
        catch (IOException e) when (BuildFailures.IsDiskFull(e))
        {
            return BuildFailures.Disk(place.Observed.DiskBytes);
        }
    }

    private async Task<BuildResult> RunPhasesAsync(
        App app, Source source, BuildpackCatalog catalog, Analysis analysis, BuildSandbox place, HeldVerdict log, CancellationToken cancellationToken)
    {
        log.Phase("detect");
        var detected = await Lifecycle.DetectAsync(place.Dirs, catalog.Buildpacks, catalog.Order, analysis, place.RunAsync, log.Line, cancellationToken);
        log.Line(string.Join(", ", detected.Group.Select(buildpack => buildpack.Id)));

        log.Phase("restore");
        var restored = lifecycle.Restore(detected, analysis);
        place.MountLayers([.. restored.Contents.Select(layer => Path.Combine(snapshots.PathOf(layer.DiffId)!, RestoredContents.PathInSnapshot))]);

        log.Phase("build");
        var built = await Lifecycle.BuildAsync(place.Dirs, detected, restored, analysis, place.RunAsync, log.Line, cancellationToken);

        log.Phase("export");
        var export = new ExportOptions
        {
            Launcher = options.Launcher,
            Untouched = place.Untouched,
            RunImageReference = null,
            Source = new ProjectSource("git", source.Commit, null),
        };
        var exported = await lifecycle.ExportAsync(place.Dirs, built, restored, analysis, export, log.Line, cancellationToken);
        cache.Set(app.Id, exported.Next);
        return new BuildResult.Built(exported.Image.Digest, exported.Processes.ToDictionary(process => process.Type, process => process.Text));
    }
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

    /// <param name="Code">Stable: no_buildpack, build_failed, build_timeout, build_memory, build_disk, build_pids, source_invalid, stack_missing,
    /// buildpack_invalid, and what a buildpack says itself: procfile_invalid, lock_file_missing ...</param>
    public sealed record Failed(string Code, string Sentence) : BuildResult;
}

/// <summary>Where a build says what it does. (Not a seam: the deploy log, and a list in tests.)</summary>
public interface IBuildLog
{
    /// <summary>prepare, detect, restore, build, export; ends the phase before it.</summary>
    void Phase(string name);

    void Line(string text);
}
