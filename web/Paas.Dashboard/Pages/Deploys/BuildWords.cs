using Paas.Client;
using Paas.Dashboard.Controls;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>What pages say of builds.</summary>
public static class BuildWords
{
    /// <summary>"By paas/node 1.0.0: 4 layers reused, 2 made (3.4 MB).", or whose result it took.</summary>
    public static string Sentence(BuildView build)
    {
        if (build.SameAs is { } same)
        {
            return FormattableString.Invariant($"Nothing had changed since build {same}: its layers were taken as they are.");
        }

        var by = build.Buildpacks.Count == 0 ? "" : $"By {string.Join(", ", build.Buildpacks.Select(buildpack => $"{buildpack.Id} {buildpack.Version}"))}";
        var made = build.Layers.Where(layer => !layer.Reused).ToList();
        return (by.Length > 0, build.Layers.Count) switch
        {
            (_, 0) when build.State == "running" => by.Length > 0 ? $"{by}." : "It looks for buildpacks.",
            (false, 0) => "No layers were made.",
            (true, 0) => $"{by}: no layers were made.",
            (_, var all) => $"{(by.Length > 0 ? $"{by}: " : "")}{Say.Count(all - made.Count, "layer")} reused, {made.Count} made ({Say.Bytes(made.Sum(layer => layer.Size))}).",
        };
    }

    /// <summary>"restored and reused", "reused", "made", "made, was restored".</summary>
    public static string Was(BuildLayerView layer) => (layer.Reused, layer.Restored) switch
    {
        (true, true) => "restored, reused",
        (true, false) => "reused",
        (false, true) => "restored, changed",
        _ => "made",
    };

    /// <summary>"paas/node, exit code 1"; null when no buildpack is at fault.</summary>
    public static string? Where(DeployFailure failure) => failure.Buildpack is not { } buildpack
        ? null
        : FormattableString.Invariant($"{buildpack}, {failure.Phase} phase{(failure.ExitCode is { } code ? FormattableString.Invariant($", exit code {code}") : "")}");
}
