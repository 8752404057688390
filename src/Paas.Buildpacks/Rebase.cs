using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The rebase operation: an app's image on a new run image, without a build (CNB platform spec 0.15, "rebaser"). Only a config and a
/// manifest are written; the app's own layers keep their digests. Same images, same digest.</summary>
/// <remarks>As in the reference, how the image is run (user, environment, entrypoint, working directory) stays the app's.</remarks>
public sealed class Rebase(Images images)
{
    /// <param name="app">What a lifecycle exported.</param>
    /// <param name="runImage">The new run image.</param>
    /// <param name="runImageName">The name it is known by, which the app's image has to list; null: it has none, and the app's image was exported without one.</param>
    /// <param name="cancellationToken">Nothing is written, or all.</param>
    /// <exception cref="LifecycleFailure.NotRebasable">A rule of the specification stands against it.</exception>
    public async Task<Image> RunAsync(Image app, Image runImage, string? runImageName, CancellationToken cancellationToken)
    {
        RebaseRules.Check(app, runImage);
        var metadata = RunImageMetadata.Read(app);
        metadata.CheckName(runImageName);
        var kept = LayersAbove(app, metadata.TopLayer);
        var config = app.Config with
        {
            Created = ImageConfiguration.Created,
            Architecture = runImage.Config.Architecture,
            Os = runImage.Config.Os,
            Variant = runImage.Config.Variant,
            Config = (app.Config.Config ?? new RunConfig()) with { Labels = Labels(app, runImage, metadata) },
            RootFs = new RootFs { DiffIds = [.. runImage.Config.RootFs.DiffIds, .. app.Config.RootFs.DiffIds.TakeLast(kept)] },
            History = [.. Last(runImage.Config, runImage.Manifest.Layers.Count, "Run image"), .. Last(app.Config, kept, "Buildpacks")],
        };
        return await images.PutAsync(config, [.. runImage.Manifest.Layers, .. app.Manifest.Layers.TakeLast(kept)], app.Manifest.Annotations, cancellationToken);
    }

    /// <summary>Digest of the run image's manifest that an exported image stands on; null: the label does not say.</summary>
    public static Digest? RunImageOf(Image app)
    {
        try
        {
            return Digest.TryParse(RunImageMetadata.Read(app).Reference.Split('@')[^1], out var digest) ? digest : null;
        }
        catch (LifecycleFailure.NotRebasable)
        {
            return null;
        }
    }

    /// <summary>How many layers lie on the run image's topmost one.</summary>
    private static int LayersAbove(Image app, string topLayer)
    {
        var diffIds = app.Config.RootFs.DiffIds;
        if (diffIds.Count != app.Manifest.Layers.Count)
        {
            throw new LifecycleFailure.NotRebasable($"The image has {app.Manifest.Layers.Count} layers, but its config lists {diffIds.Count}.");
        }

        // The last one: a run image may have the same layer (an empty one) twice.
        var top = diffIds.Select(diffId => diffId.ToString()).ToList().LastIndexOf(topLayer);
        return top >= 0
            ? diffIds.Count - top - 1
            : throw new LifecycleFailure.NotRebasable($"The image has no layer {Shown(topLayer)}, which its label names as the top of its run image: nobody can tell which layers are the app's.");
    }

    private static SortedDictionary<string, string> Labels(Image app, Image runImage, RunImageMetadata metadata)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in (app.Config.Config?.Labels ?? new Dictionary<string, string>()).Where(label => !IsOfRunImage(label.Key)))
        {
            labels[key] = value;
        }

        foreach (var (key, value) in (runImage.Config.Config?.Labels ?? new Dictionary<string, string>()).Where(label => IsOfRunImage(label.Key)))
        {
            labels[key] = value;
        }

        labels[RunImageMetadata.Label] = metadata.On(runImage);
        return labels;
    }

    /// <summary>What describes the run image goes with it: changed, added and removed.</summary>
    private static bool IsOfRunImage(string label) =>
        label.StartsWith("io.buildpacks.base.", StringComparison.Ordinal) || label.StartsWith("io.buildpacks.stack.", StringComparison.Ordinal);

    /// <summary>The history of the topmost layers, one entry for each, with what belongs to none between and after them (image-spec v1.1, config.md, "history").</summary>
    private static IEnumerable<History> Last(ImageConfig config, int layers, string createdBy)
    {
        var history = config.History ?? [];
        var below = config.RootFs.DiffIds.Count - layers;
        if (history.Count(entry => entry.EmptyLayer != true) != config.RootFs.DiffIds.Count)
        {
            return Enumerable.Range(0, layers).Select(_ => new History { Created = ImageConfiguration.Created, CreatedBy = createdBy });
        }

        return below == 0 ? history : history.SkipWhile(entry => entry.EmptyLayer == true || below-- > 0);
    }

    private static string Shown(string text) => text.Length == 0 ? "(none)" : text.Length > 80 ? text[..80] : text;
}
