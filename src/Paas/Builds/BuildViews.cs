using Paas.Client;

namespace Paas.Builds;

/// <summary>A build as the API shows it.</summary>
internal static class BuildViews
{
    public static BuildView Of(BuildRecord record)
    {
        var facts = record.Facts;
        return new BuildView(
            record.Number,
            record.Cause.ToString().ToLowerInvariant(),
            record.State.ToString().ToLowerInvariant(),
            record.Commit,
            [.. facts.Phases.Select(phase => new BuildPhaseView(phase.Name, phase.Milliseconds))],
            record.StartedAt,
            record.EndedAt)
        {
            Buildpacks = [.. facts.Buildpacks.Select(buildpack => new UsedBuildpackView(buildpack.Id, buildpack.Version))],
            Layers = [.. facts.Layers.Select(layer => new BuildLayerView(layer.Name, layer.Kind, layer.Digest, layer.DiffId, layer.Size, layer.Restored, layer.Reused))],
            CacheHits = facts.Layers.Count(layer => layer.Reused && layer.Kind != "platform"),
            SameAs = facts.SameAs,
            Report = facts.Image is { } image ? new BuildReportView(image, facts.ManifestSize) : null,
            Processes = facts.Processes,
            Failure = facts.Failure is { } failure
                ? new BuildFailureView(failure.Code, failure.Sentence, failure.Buildpack, failure.Phase, failure.ExitCode, failure.LastLines)
                : null,
        };
    }
}
