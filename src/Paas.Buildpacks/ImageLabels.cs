using System.Text.Json.Nodes;
using Paas.Buildpacks.Toml;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The io.buildpacks.* labels of an app's image (CNB platform spec 0.15, "Labels").</summary>
internal static class ImageLabels
{
    /// <summary>What rebase and other lifecycles read.</summary>
    /// <param name="launchLayers">Diff ids by buildpack directory and layer.</param>
    public static JsonObject LifecycleMetadata(
        BuildOutcome built,
        IReadOnlyDictionary<(string Buildpack, string Layer), DiffId> launchLayers,
        IReadOnlyList<DiffId> app,
        DiffId config,
        DiffId launcher,
        DiffId? processTypes,
        Image runImage,
        string? runImageReference,
        IReadOnlyList<string> runImageMirrors,
        DiffId? sbom)
    {
        var metadata = new JsonObject
        {
            ["app"] = new JsonArray([.. app.Select(Sha)]),
            ["buildpacks"] = new JsonArray([.. built.Buildpacks.Select(entry => DescribeBuildpack(entry, launchLayers))]),
            ["config"] = Sha(config),
            ["launcher"] = Sha(launcher),
            ["runImage"] = new JsonObject
            {
                ["topLayer"] = runImage.Config.RootFs.DiffIds is [.., var top] ? top.ToString() : "",
                ["reference"] = runImage.Digest.ToString(),
                ["image"] = runImageReference ?? "",
                ["mirrors"] = Texts(runImageMirrors),
            },
            ["stack"] = new JsonObject { ["runImage"] = new JsonObject { ["image"] = runImageReference ?? "", ["mirrors"] = Texts(runImageMirrors) } },
        };
        if (processTypes is { } diffId)
        {
            metadata["process-types"] = Sha(diffId);
        }

        if (sbom is { } sbomLayer)
        {
            metadata["sbom"] = Sha(sbomLayer);
        }

        return metadata;
    }

    /// <summary>What people and platforms read: who built, and what can be started.</summary>
    public static JsonObject BuildMetadata(BuildOutcome built) => new()
    {
        ["buildpacks"] = new JsonArray([.. built.Buildpacks.Select(entry => DescribeBuildpackShort(entry.Buildpack))]),
        ["launcher"] = new JsonObject { ["version"] = "0.15", ["source"] = new JsonObject() },
        ["processes"] = new JsonArray([.. built.Processes.Select(DescribeProcess)]),
    };

    /// <summary>Where the app came from.</summary>
    public static JsonObject ProjectMetadata(ProjectSource source)
    {
        var text = new JsonObject { ["type"] = source.Type, ["version"] = new JsonObject { ["commit"] = source.Commit } };
        if (source.Repository is not null)
        {
            text["metadata"] = new JsonObject { ["repository"] = source.Repository };
        }

        return new JsonObject { ["source"] = text };
    }

    private static JsonObject Sha(DiffId diffId) => new JsonObject { ["sha"] = diffId.ToString() };

    private static JsonObject DescribeBuildpack(BuiltBuildpack built, IReadOnlyDictionary<(string Buildpack, string Layer), DiffId> launchLayers)
    {
        var layers = new JsonObject();
        foreach (var layer in built.Layers.Where(layer => layer.Flags.Launch))
        {
            layers[layer.Name] = new JsonObject
            {
                ["sha"] = launchLayers[(built.Buildpack.LayersName, layer.Name)].ToString(),
                ["data"] = TomlJson.Convert(layer.Metadata),
                ["build"] = layer.Flags.Build,
                ["launch"] = layer.Flags.Launch,
                ["cache"] = layer.Flags.Cache,
            };
        }

        var json = new JsonObject { ["key"] = built.Buildpack.Id, ["version"] = built.Buildpack.Version, ["layers"] = layers };
        if (built.Store is not null)
        {
            json["store"] = TomlJson.Convert(TomlReader.Parse(built.Store));
        }

        return json;
    }

    private static JsonObject DescribeBuildpackShort(Buildpack buildpack)
    {
        var json = new JsonObject { ["id"] = buildpack.Id, ["version"] = buildpack.Version };
        if (buildpack.Homepage is not null)
        {
            json["homepage"] = buildpack.Homepage;
        }

        return json;
    }

    private static JsonObject DescribeProcess(LaunchProcess process)
    {
        var json = new JsonObject
        {
            ["type"] = process.Type,
            ["command"] = Texts(process.Command),
            ["args"] = Texts(process.Args),
            ["direct"] = process.Direct,
            ["buildpackID"] = process.BuildpackId,
        };
        if (process.Default)
        {
            json["default"] = true;
        }

        if (process.WorkingDirectory is not null)
        {
            json["working-dir"] = process.WorkingDirectory;
        }

        if (process.ExecEnv.Count > 0)
        {
            json["exec-env"] = Texts(process.ExecEnv);
        }

        return json;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
