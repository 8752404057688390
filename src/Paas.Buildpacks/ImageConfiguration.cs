using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The config of an app's image: the run image's, with how to start the app (CNB platform spec 0.15, "exporter", "Outputs").</summary>
internal sealed class ImageConfiguration(Image runImage, BuildOutcome built)
{
    public const string Launcher = "/cnb/lifecycle/launcher";
    public const string ProcessDirectory = "/cnb/process";

    private const string ProjectLabel = "io.buildpacks.project.metadata";

    /// <summary>The one time that every image has: same input, same digest.</summary>
    public const string Created = "1980-01-01T00:00:01Z";

    public IReadOnlyDictionary<string, string> Labels(JsonObject lifecycleMetadata, ProjectSource? source)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in runImage.Config.Config?.Labels ?? new Dictionary<string, string>())
        {
            labels[key] = value;
        }

        foreach (var (key, value) in built.Labels)
        {
            labels[key] = value;
        }

        // Last: a buildpack's label must not pass for the lifecycle's.
        labels["io.buildpacks.lifecycle.metadata"] = lifecycleMetadata.ToJsonString();
        labels["io.buildpacks.build.metadata"] = ImageLabels.BuildMetadata(built).ToJsonString();
        labels["io.buildpacks.exec-env"] = ExecEnv.Name;
        return Relabelled(labels, source);
    }

    /// <summary>These labels, of this source.</summary>
    public static IReadOnlyDictionary<string, string> Relabelled(IReadOnlyDictionary<string, string> before, ProjectSource? source)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in before.Where(label => label.Key != ProjectLabel))
        {
            labels[name] = value;
        }

        if (source is not null)
        {
            labels[ProjectLabel] = ImageLabels.ProjectMetadata(source).ToJsonString();
        }

        return labels;
    }

    public ImageConfig Write(IReadOnlyList<ExportedLayer> added, IReadOnlyDictionary<string, string> labels)
    {
        var defaultProcess = built.Processes.FirstOrDefault(process => process.Default);
        return runImage.Config with
        {
            Created = Created,
            Config = (runImage.Config.Config ?? new RunConfig()) with
            {
                Env = [.. Env()],
                Entrypoint = [defaultProcess is null ? Launcher : $"{ProcessDirectory}/{defaultProcess.Type}"],
                Cmd = null,
                WorkingDir = LifecycleDirs.WorkspaceInside,
                Labels = labels,
            },
            RootFs = new RootFs { DiffIds = [.. runImage.Config.RootFs.DiffIds, .. added.Select(layer => layer.Layer.DiffId)] },
            History = [.. RunImageHistory(), .. added.Select(layer => new History { Created = Created, CreatedBy = $"Buildpacks: {layer.Title}" })],
        };
    }

    /// <summary>Users of an image count on one history entry per layer.</summary>
    private IEnumerable<History> RunImageHistory() =>
        runImage.Config.History is { Count: > 0 } history
            ? history
            : runImage.Config.RootFs.DiffIds.Select(_ => new History { Created = Created, CreatedBy = "Run image" });

    private IEnumerable<string> Env()
    {
        const string path = "PATH=";
        string[] own = ["CNB_LAYERS_DIR=", "CNB_APP_DIR=", "CNB_PLATFORM_API=", "CNB_DEPRECATION_MODE=", path];
        var inherited = runImage.Config.Config?.Env ?? [];
        var oldPath = inherited.FirstOrDefault(variable => variable.StartsWith(path, StringComparison.Ordinal))?[path.Length..]
            ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return
        [
            .. inherited.Where(variable => !own.Any(name => variable.StartsWith(name, StringComparison.Ordinal))),
            $"CNB_LAYERS_DIR={LifecycleDirs.LayersInside}",
            $"CNB_APP_DIR={LifecycleDirs.WorkspaceInside}",
            "CNB_PLATFORM_API=0.15",
            "CNB_DEPRECATION_MODE=quiet",
            $"{path}{ProcessDirectory}:/cnb/lifecycle:{oldPath}",
        ];
    }
}
