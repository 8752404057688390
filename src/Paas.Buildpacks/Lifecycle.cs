using Paas.Buildpacks.Sbom;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The Cloud Native Buildpacks lifecycle, platform API 0.15: from a source tree to an image, one method per phase.
/// Between restore and build the caller mounts what <see cref="RestorePlan.Contents"/> names.</summary>
public sealed class Lifecycle(Layers layers, Images images, Snapshots snapshots)
{
    private readonly OwnLayers _ownLayers = new(layers);

    /// <summary>What build and run image say about the build to come.</summary>
    /// <param name="pathOf">Path of a layer's snapshot: where the run image's labels do not name its distribution its /etc/os-release does.
    /// Null: labels only.</param>
    public static Analysis Analyze(Image buildImage, Image runImage, PreviousBuild? previous, Func<DiffId, string?>? pathOf = null) =>
        Analysis.Of(buildImage, runImage, previous, pathOf);

    /// <summary>Asks the buildpacks which group of them builds this app.</summary>
    /// <param name="buildpacks">All that the order may name.</param>
    /// <param name="line">Takes what a person should read.</param>
    /// <exception cref="LifecycleFailure">No group passed, or a buildpack cannot be used.</exception>
    public static Task<DetectResult> DetectAsync(
        LifecycleDirs dirs, IReadOnlyList<Buildpack> buildpacks, Order order, Analysis analysis, RunInSandbox run, Action<string> line, CancellationToken cancellationToken) =>
        new Detect(new BuildpackRun(dirs, analysis, run), analysis.Target, line).RunAsync(buildpacks, order, cancellationToken);

    /// <summary>Decides what comes back from the last build; touches nothing.</summary>
    public RestorePlan Restore(DetectResult detected, Analysis analysis)
    {
        var plan = Buildpacks.Restore.Decide(detected.Group, analysis.Previous, snapshots.TryRenew);
        return plan with { Sboms = RestoredSbom.Find(detected.Group, plan.Tomls, analysis.Previous?.Sbom, diffId => snapshots.TryRenew(diffId) ? snapshots.PathOf(diffId) : null) };
    }

    /// <summary>Writes the restored tomls, then runs bin/build of each buildpack of the group.</summary>
    /// <exception cref="LifecycleFailure">A buildpack failed or left what cannot be used.</exception>
    public static Task<BuildOutcome> BuildAsync(
        LifecycleDirs dirs, DetectResult detected, RestorePlan restored, Analysis analysis, RunInSandbox run, Action<string> line, CancellationToken cancellationToken) =>
        new Build(dirs, new BuildpackRun(dirs, analysis, run), analysis, line).RunAsync(detected, restored, cancellationToken);

    /// <summary>Makes the image. Call it when no process of the build is left.</summary>
    /// <exception cref="LifecycleFailure">The image cannot be made from what the build left.</exception>
    public Task<ExportResult> ExportAsync(
        LifecycleDirs dirs, BuildOutcome built, RestorePlan restored, Analysis analysis, ExportOptions options, Action<string> line, CancellationToken cancellationToken) =>
        new Export(layers, _ownLayers, images, dirs, built, restored, analysis, options, line).RunAsync(cancellationToken);

    /// <summary>The same image with the label of another source: nothing else changes.</summary>
    /// <param name="source">Null: no such label.</param>
    public async Task<Image> RelabelAsync(Digest image, ProjectSource? source, CancellationToken cancellationToken)
    {
        var before = await images.ReadAsync(image, cancellationToken);
        var labels = ImageConfiguration.Relabelled(before.Config.Config?.Labels ?? new Dictionary<string, string>(), source);
        return await images.PutAsync(
            before.Config with { Config = (before.Config.Config ?? new RunConfig()) with { Labels = labels } }, before.Manifest.Layers, before.Manifest.Annotations, cancellationToken);
    }
}
