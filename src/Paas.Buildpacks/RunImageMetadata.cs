using System.Text.Json;
using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>What the label io.buildpacks.lifecycle.metadata says of the run image (CNB platform spec 0.15, "io.buildpacks.lifecycle.metadata").</summary>
internal sealed class RunImageMetadata
{
    public const string Label = "io.buildpacks.lifecycle.metadata";

    private readonly JsonObject _label;

    private RunImageMetadata(JsonObject label) => _label = label;

    /// <summary>Diff id; "" when the label does not say.</summary>
    public string TopLayer => Text(_label["runImage"], "topLayer");

    public string Reference => Text(_label["runImage"], "reference");

    /// <exception cref="LifecycleFailure.NotRebasable">There is no such label, or it is not JSON.</exception>
    public static RunImageMetadata Read(Image app)
    {
        if (app.Config.Config?.Labels?.GetValueOrDefault(Label) is not { Length: > 0 } text)
        {
            throw new LifecycleFailure.NotRebasable("No lifecycle of Cloud Native Buildpacks made this image: it has no label io.buildpacks.lifecycle.metadata.");
        }

        try
        {
            return new RunImageMetadata(JsonNode.Parse(text) as JsonObject ?? throw new JsonException("It is no object."));
        }
        catch (JsonException exception)
        {
            throw new LifecycleFailure.NotRebasable($"The label io.buildpacks.lifecycle.metadata of the image is not valid JSON: {exception.Message}", exception);
        }
    }

    /// <summary>A run image that the app's image does not name is not known to fit it.</summary>
    /// <exception cref="LifecycleFailure.NotRebasable">It is not named.</exception>
    public void CheckName(string? runImageName)
    {
        var named = Names(_label["runImage"]).Concat(Names(_label["stack"]?["runImage"])).Distinct(StringComparer.Ordinal).ToList();
        var known = runImageName is null ? named.Count == 0 : named.Any(name => Repository(name) == Repository(runImageName));
        if (!known)
        {
            throw new LifecycleFailure.NotRebasable(named.Count == 0
                ? $"The image does not name its run image, so it is not known that {runImageName} fits it."
                : $"The image is made for the run image {string.Join(" or ", named)}, and {runImageName ?? "the platform's own"} is not that one.");
        }
    }

    /// <summary>The label for the new run image; all that it says of the app stays.</summary>
    public string On(Image runImage)
    {
        var label = (JsonObject)_label.DeepClone();
        var run = label["runImage"] as JsonObject ?? [];
        run["topLayer"] = runImage.Config.RootFs.DiffIds is [.., var top] ? top.ToString() : "";
        run["reference"] = runImage.Digest.ToString();
        label["runImage"] = run;
        return label.ToJsonString();
    }

    private static IEnumerable<string> Names(JsonNode? runImage)
    {
        var mirrors = (runImage as JsonObject)?["mirrors"] as JsonArray ?? [];
        return mirrors.Select(mirror => mirror is JsonValue value && value.TryGetValue<string>(out var name) ? name : "")
            .Prepend(Text(runImage, "image"))
            .Where(name => name.Length > 0);
    }

    /// <summary>As the reference compares: registry, repository and tag; a digest says nothing about whether two names mean the same image.</summary>
    private static string Repository(string name)
    {
        try
        {
            var parsed = ImageReference.Parse(name.Split('@')[0]);
            return $"{parsed.Host}/{parsed.Repository}:{parsed.Reference}";
        }
        catch (FormatException)
        {
            return name;
        }
    }

    private static string Text(JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
