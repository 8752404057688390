using System.Xml;
using System.Xml.Linq;

namespace Paas.Builds;

/// <summary>Where the host's .NET takes packages from: the sources of NuGet.Config that anybody may ask (learn.microsoft.com/nuget,
/// "nuget.config reference").</summary>
internal static class NuGetSources
{
    /// <param name="configs">Texts of NuGet.Config files, the user's before the machine's. What cannot be read says nothing.</param>
    /// <returns>URLs of enabled sources without credentials, each once.</returns>
    public static IReadOnlyList<string> Of(IEnumerable<string> configs)
    {
        var sources = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var unwanted = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var root in configs.Select(Parse).OfType<XElement>())
        {
            // A source with credentials answers nobody without them, and builds never get any. Blanks in its name are written _x0020_.
            unwanted.UnionWith(root.Element("packageSourceCredentials")?.Elements().Select(element => XmlConvert.DecodeName(element.Name.LocalName)!) ?? []);
            unwanted.UnionWith(Added(root, "disabledPackageSources").Where(pair => pair.Value == "true").Select(pair => pair.Key));
            foreach (var (key, value) in Added(root, "packageSources"))
            {
                sources.TryAdd(key, value);
            }

            if (root.Element("packageSources")?.Element("clear") is not null)
            {
                break;
            }
        }

        return [.. sources.Where(pair => !unwanted.Contains(pair.Key)).Select(pair => pair.Value).Where(IsPublic).Distinct()];
    }

    private static IEnumerable<KeyValuePair<string, string>> Added(XElement root, string section) =>
        root.Element(section)?.Elements("add")
            .Select(add => KeyValuePair.Create((string?)add.Attribute("key") ?? "", (string?)add.Attribute("value") ?? "")) ?? [];

    private static bool IsPublic(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "" } && !value.Any(char.IsWhiteSpace);

    private static XElement? Parse(string text)
    {
        try
        {
            return XDocument.Parse(text.TrimStart('\uFEFF')).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
