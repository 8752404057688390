using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Sboms;

/// <summary>One bill of materials for an image, as CycloneDX 1.5 (ECMA-424). Same image, same document.</summary>
internal static class CycloneDx
{
    /// <summary>What the API answers with.</summary>
    public const string MediaType = "application/vnd.cyclonedx+json";

    /// <param name="name">Of the app.</param>
    /// <param name="version">Of the release: "v12".</param>
    public static JsonObject Write(string name, string version, Image image, IReadOnlyList<PackageList> lists)
    {
        var components = lists.Where(list => list.Documents.Count == 0).SelectMany(list => list.Packages).Select(Component)
            .Concat(lists.SelectMany(list => list.Documents).SelectMany(item => Components(item.Document).Select(component => Adopted(component, item.Origin))))
            .ToList();
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.5",
            ["serialNumber"] = $"urn:uuid:{Serial(image.Digest)}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "container",
                    ["bom-ref"] = image.Digest.ToString(),
                    ["name"] = name,
                    ["version"] = version,
                    ["purl"] = $"pkg:oci/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(image.Digest.ToString())}",
                },
            },
            ["components"] = new JsonArray([.. components]),
        };
    }

    /// <summary>The components of a buildpack's document that have a name and a version.</summary>
    public static IEnumerable<Package> Packages(JsonObject document, string origin) =>
        from component in Components(document)
        let name = Text(component, "name")
        let version = Text(component, "version")
        where name.Length > 0 && version.Length > 0
        let scope = Text(component, "group")
        select new Package(scope.Length > 0 ? $"{scope}/{name}" : name, version, origin, null, Text(component, "purl") is { Length: > 0 } purl ? purl : null);

    private static JsonObject Component(Package package)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = package.Purl ?? $"{package.Name}@{package.Version}", ["name"] = package.Name, ["version"] = package.Version };
        if (package.Purl is not null)
        {
            component["purl"] = package.Purl;
        }

        var properties = new JsonArray(Property("paas:origin", package.Origin));
        if (package.Source is not null)
        {
            properties.Add(Property("paas:source-package", package.Source));
        }

        component["properties"] = properties;
        return component;
    }

    /// <summary>As its buildpack wrote it, with licences and hashes; its reference made one that is alone in the whole.</summary>
    private static JsonObject Adopted(JsonObject component, string origin)
    {
        var adopted = (JsonObject)component.DeepClone();
        adopted["bom-ref"] = $"{origin}#{(Text(component, "bom-ref") is { Length: > 0 } reference ? reference : $"{Text(component, "name")}@{Text(component, "version")}")}";
        var properties = adopted["properties"] as JsonArray ?? [];
        adopted["properties"] = properties.Parent is null ? properties : properties.DeepClone();
        ((JsonArray)adopted["properties"]!).Add(Property("paas:origin", origin));
        return adopted;
    }

    private static IEnumerable<JsonObject> Components(JsonObject document) => ((document["components"] as JsonArray) ?? []).OfType<JsonObject>();

    private static JsonObject Property(string name, string value) => new JsonObject { ["name"] = name, ["value"] = value };

    /// <summary>A name-based UUID (RFC 9562, section 5.8): the same for the same image.</summary>
    private static Guid Serial(Digest image)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"paas-sbom {image}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static string Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
