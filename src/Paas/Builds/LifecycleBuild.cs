using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>Runs the lifecycle's phases for one build in a sandbox of its own.</summary>
internal sealed class LifecycleBuild(
    BuildsOptions options, PlatformHome home, StackCache shared, BuildCache cache, Lifecycle lifecycle, Snapshots snapshots, Sandbox sandbox, SharedArchives archives)
{
    /// <param name="isTimeUp">The token fired because the app's limit is over.</param>
    /// <exception cref="BuildFailureException">The source cannot be built from.</exception>
    public async Task<BuildResult> RunAsync(PreparedBuild build, BuildRun run, Func<bool> isTimeUp, CancellationToken cancellationToken)
    {
        var log = new HeldVerdict(run);
        await using var place = await BuildSandbox.CreateAsync(
            sandbox,
            new BuildSandboxSpec
            {
                Id = build.Id,
                Image = build.BuildImage.Digest,
                Source = build.Source.Directory,
                Config = build.Env,
                Added = build.Choice.Mounted,
                Bindings = build.Bindings,
                Host = build.Host,
                Reach = build.Reach,
                Packages = shared.Packages,
                Options = options,
                DiskRoot = home.Builds,
                SecretsRoot = Path.Combine(home.Run, "builds"),
            },
            cancellationToken);
        if (build.Choice.Project.Filter is { } filter)
        {
            log.Line($"project.toml leaves {filter.Prune(place.Dirs.Workspace)} files out of the build.");
        }

        try
        {
            return await RunPhasesAsync(build, run, place, log, cancellationToken);
        }
        catch (LifecycleFailure failure)
        {
            return log.Say(BuildFailures.Of(failure, build.Choice.Catalog.LooksFor, place.Observed));
        }
        catch (OperationCanceledException) when (isTimeUp())
        {
            return BuildFailures.Timeout(build.App.BuildTimeout, place.Observed);
        }
        catch (IOException e) when (BuildFailures.IsDiskFull(e))
        {
            return BuildFailures.Disk(place.Observed.DiskBytes);
        }
    }

    private async Task<BuildResult> RunPhasesAsync(PreparedBuild build, BuildRun run, BuildSandbox place, HeldVerdict log, CancellationToken cancellationToken)
    {
        var analysis = Lifecycle.Analyze(build.BuildImage, build.RunImage, build.Previous, snapshots.PathOf);
        analysis = analysis with { BaseEnv = analysis.BaseEnv.Concat(build.Host.Proxies).ToDictionary() };

        log.Phase("detect");
        var detected = await Lifecycle.DetectAsync(place.Dirs, build.Choice.Catalog.Buildpacks, build.Choice.Catalog.Order, analysis, place.RunAsync, log.Line, cancellationToken);
        log.Line(string.Join(", ", detected.Group.Select(buildpack => buildpack.Id)));
        run.Know(facts => facts with { Buildpacks = [.. detected.Group.Select(buildpack => new UsedBuildpack(buildpack.Id, buildpack.Version))] });

        var keep = await archives.ShowAsync(place, detected.Group, log.Line, cancellationToken);

        log.Phase("restore");
        var restored = lifecycle.Restore(detected, analysis);
        place.MountLayers([.. restored.Contents.Select(layer => Path.Combine(snapshots.PathOf(layer.DiffId)!, RestoredContents.PathInSnapshot))]);

        log.Phase("build");
        var built = await BuildAsync(place, detected, restored, analysis, keep, log, cancellationToken);

        log.Phase("export");
        var export = new ExportOptions
        {
            Launcher = options.Launcher,
            Untouched = place.Untouched,
            RunImageReference = null,
            Source = build.Project,
        };
        var exported = await lifecycle.ExportAsync(place.Dirs, built, restored, analysis, export, log.Line, cancellationToken);
        cache.Keep(build.App.Id, exported.Next, log.Line);
        var processes = exported.Processes.ToDictionary(process => process.Type, process => process.Text);
        run.Know(facts => facts with { Layers = [.. BuildLayers.Of(exported, restored, cache.BytesOf)] });
        return new BuildResult.Built(exported.Image.Digest, processes);
    }

    /// <summary>What it fetched is kept also when it failed: the next try begins where this one ended.</summary>
    private static async Task<BuildOutcome> BuildAsync(
        BuildSandbox place, DetectResult detected, RestorePlan restored, Analysis analysis, Action<CancellationToken> keep, HeldVerdict log, CancellationToken cancellationToken)
    {
        try
        {
            return await Lifecycle.BuildAsync(place.Dirs, detected, restored, analysis, place.RunAsync, log.Line, cancellationToken);
        }
        finally
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                keep(cancellationToken);
            }
        }
    }
}
