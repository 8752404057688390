using System.Text.Json;

namespace Paas.Registry;

/// <summary>What made each layer of an image: buildpacks say it in the label io.buildpacks.lifecycle.metadata (CNB platform spec 0.15, "Labels"),
/// other builders in the config's history. The image is a stranger's: what is not as it should be is left out.</summary>
internal sealed class LayerOrigins
{
    private const string Label = "io.buildpacks.lifecycle.metadata";

    /// <summary>By diff id.</summary>
    private readonly Dictionary<string, (string? MadeBy, string? What)> _named = new(StringComparer.Ordinal);

    private readonly List<string> _instructions = [];

    /// <summary>Number of the run image's last layer; -1 where the image does not tell.</summary>
    private readonly int _topOfRunImage = -1;

    /// <param name="config">An image's config.</param>
    public LayerOrigins(JsonElement config)
    {
        DiffIds = [.. Json.Items(Json.Of(Json.Of(config, "rootfs"), "diff_ids")).Select(item => Json.Text(item) ?? "")];
        _instructions.AddRange(Json.Items(Json.Of(config, "history")).Where(step => Json.Of(step, "empty_layer").ValueKind != JsonValueKind.True).Select(step => Json.Text(Json.Of(step, "created_by")) ?? ""));
        if (Json.Text(Json.Of(Json.Of(Json.Of(config, "config"), "Labels"), Label)) is { } label)
        {
            try
            {
                using var metadata = JsonDocument.Parse(label);
                _topOfRunImage = Json.Text(Json.Of(Json.Of(metadata.RootElement, "runImage"), "topLayer")) is { Length: > 0 } top ? DiffIds.ToList().IndexOf(top) : -1;
                Read(metadata.RootElement);
            }
            catch (JsonException)
            {
                // A label that only looks like the lifecycle's.
            }
        }
    }

    /// <summary>Bottom first; as many as the config says, which may not be as many as the manifest has layers.</summary>
    public IReadOnlyList<string> DiffIds { get; }

    /// <summary>Null where the image does not tell.</summary>
    public (string? MadeBy, string? What) Of(int layer)
    {
        if (layer < DiffIds.Count && _named.TryGetValue(DiffIds[layer], out var named))
        {
            return named;
        }

        var instruction = layer < _instructions.Count && _instructions.Count == DiffIds.Count && _instructions[layer].Length > 0 ? _instructions[layer] : null;
        return (layer <= _topOfRunImage ? "run image" : null, instruction);
    }

    private void Read(JsonElement metadata)
    {
        foreach (var buildpack in Json.Items(Json.Of(metadata, "buildpacks")))
        {
            var name = string.Join(' ', new[] { Json.Text(Json.Of(buildpack, "key")), Json.Text(Json.Of(buildpack, "version")) }.OfType<string>());
            foreach (var (layer, entry) in Json.Members(Json.Of(buildpack, "layers")))
            {
                Name(entry, name, layer);
            }
        }

        foreach (var slice in Json.Items(Json.Of(metadata, "app")))
        {
            Name(slice, "your app", "the app's files");
        }

        Name(Json.Of(metadata, "launcher"), "the platform", "launcher");
        Name(Json.Of(metadata, "config"), "the platform", "launch configuration");
        Name(Json.Of(metadata, "process-types"), "the platform", "process types");
    }

    private void Name(JsonElement entry, string madeBy, string what)
    {
        if (Json.Text(Json.Of(entry, "sha")) is { } diffId)
        {
            _named.TryAdd(diffId, (madeBy, what));
        }
    }
}
