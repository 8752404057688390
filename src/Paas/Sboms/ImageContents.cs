using System.Text.Json;
using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Sboms;

/// <summary>What one list of packages was read from: a layer, so that all images on one run image share its list.</summary>
/// <param name="Kind">"os" or "sbom".</param>
/// <param name="Documents">CycloneDX documents by the buildpack that wrote them; empty for "os".</param>
public sealed record PackageList(DiffId Layer, string Kind, IReadOnlyList<Package> Packages, IReadOnlyList<(string Origin, JsonObject Document)> Documents);

/// <summary>Reads what is inside an image: the distribution's packages, and the bills of materials that its buildpacks wrote
/// (CNB buildpack spec 0.12, "Software-Bill-of-Materials").</summary>
public sealed class ImageContents(LayerFiles files)
{
    private const string Metadata = "io.buildpacks.lifecycle.metadata";

    /// <summary>Where an exporter puts the launch part.</summary>
    private const string LaunchSboms = "layers/sbom/launch";

    /// <exception cref="FileNotFoundException">A layer is not there.</exception>
    /// <exception cref="InvalidDataException">A layer cannot be read.</exception>
    public async Task<IReadOnlyList<PackageList>> ReadAsync(Image image, CancellationToken cancellationToken)
    {
        var layers = image.Config.RootFs.DiffIds.Zip(image.Manifest.Layers).ToList();
        var label = Label(image);
        var top = Text(label?["runImage"], "topLayer");
        var own = layers.FindLastIndex(layer => layer.First.ToString() == top);
        var lists = new List<PackageList>();

        // On buildpacks' images the distribution is the run image's; elsewhere the topmost list of all layers is whole.
        var (below, origin) = own >= 0 ? (layers.Take(own + 1), "run image") : (layers, "image");
        foreach (var (diffId, layer) in below.Reverse())
        {
            var found = await files.ReadAsync(diffId, layer, DistributionPackages.Places, cancellationToken);
            if (found.Count > 0)
            {
                lists.Add(new PackageList(diffId, "os", [.. found.SelectMany(file => DistributionPackages.Read(file.Key, file.Value, origin)).OrderBy(package => package.Name, StringComparer.Ordinal)], []));
                break;
            }
        }

        var sbom = Text(label?["sbom"], "sha");
        foreach (var (diffId, layer) in layers.Where(layer => layer.First.ToString() == sbom))
        {
            lists.Add(OfBuildpacks(diffId, await files.ReadAsync(diffId, layer, [LaunchSboms], cancellationToken), Ids(label)));
        }

        return lists;
    }

    private static PackageList OfBuildpacks(DiffId layer, IReadOnlyDictionary<string, byte[]> found, IReadOnlyDictionary<string, string> ids)
    {
        var documents = new List<(string Origin, JsonObject Document)>();
        foreach (var (path, content) in found.Where(file => file.Key.EndsWith("/sbom.cdx.json", StringComparison.Ordinal)))
        {
            var folder = path[(LaunchSboms.Length + 1)..].Split('/')[0];
            if (Parse(content) is { } document)
            {
                documents.Add((ids.GetValueOrDefault(folder, folder), document));
            }
        }

        return new PackageList(layer, "sbom", [.. documents.SelectMany(item => CycloneDx.Packages(item.Document, item.Origin))], documents);
    }

    /// <summary>Folder names of the exporter are ids with '/' as '_'.</summary>
    private static Dictionary<string, string> Ids(JsonObject? label) =>
        ((label?["buildpacks"] as JsonArray) ?? [])
            .Select(buildpack => Text(buildpack, "key"))
            .Where(id => id.Length > 0)
            .DistinctBy(id => id.Replace('/', '_'))
            .ToDictionary(id => id.Replace('/', '_'));

    private static JsonObject? Label(Image image) =>
        image.Config.Config?.Labels?.GetValueOrDefault(Metadata) is { } text ? Parse(System.Text.Encoding.UTF8.GetBytes(text)) : null;

    /// <summary>Null: it is not a JSON object; a buildpack's fault keeps nobody from the rest.</summary>
    private static JsonObject? Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
