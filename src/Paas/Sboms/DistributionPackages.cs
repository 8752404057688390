using System.Text;

namespace Paas.Sboms;

/// <summary>Reads what a distribution's package tool keeps of what is installed: dpkg's status and apk's database.</summary>
internal static class DistributionPackages
{
    /// <summary>Where they lie in an image; status.d is how distroless images keep dpkg's.</summary>
    public static readonly string[] Places = ["var/lib/dpkg/status", "var/lib/dpkg/status.d", "lib/apk/db/installed"];

    /// <param name="path">One of <see cref="Places"/>, or below it.</param>
    public static IEnumerable<Package> Read(string path, byte[] content, string origin) =>
        path == "lib/apk/db/installed" ? Apk(content, origin)
        : path.EndsWith(".md5sums", StringComparison.Ordinal) ? []
        : Dpkg(content, origin);

    /// <summary>dpkg(1), "FILES", and deb-control(5): paragraphs of fields; what was removed but for its configuration is not installed.</summary>
    private static IEnumerable<Package> Dpkg(byte[] content, string origin)
    {
        foreach (var paragraph in Encoding.UTF8.GetString(content).Split("\n\n"))
        {
            var fields = Fields(paragraph, ": ");
            if (fields.GetValueOrDefault("Package") is not { } name || fields.GetValueOrDefault("Version") is not { } version
                || fields.GetValueOrDefault("Status") is { } status && !status.EndsWith(" installed", StringComparison.Ordinal))
            {
                continue;
            }

            var source = fields.GetValueOrDefault("Source")?.Split(' ')[0];
            var architecture = fields.GetValueOrDefault("Architecture");
            yield return new Package(
                name, version, origin, source == name ? null : source, $"pkg:deb/debian/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}{(architecture is null ? "" : $"?arch={architecture}")}");
        }
    }

    /// <summary>apk's installed database: "P:" name, "V:" version, "A:" architecture, "o:" origin (apk-v2 of the Alpine wiki).</summary>
    private static IEnumerable<Package> Apk(byte[] content, string origin)
    {
        foreach (var paragraph in Encoding.UTF8.GetString(content).Split("\n\n"))
        {
            var fields = Fields(paragraph, ":");
            if (fields.GetValueOrDefault("P") is { } name && fields.GetValueOrDefault("V") is { } version)
            {
                var source = fields.GetValueOrDefault("o");
                var architecture = fields.GetValueOrDefault("A");
                yield return new Package(
                    name, version, origin, source == name ? null : source, $"pkg:apk/alpine/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}{(architecture is null ? "" : $"?arch={architecture}")}");
            }
        }
    }

    private static Dictionary<string, string> Fields(string paragraph, string separator)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in paragraph.Split('\n').Where(line => line.Length > 0 && line[0] != ' '))
        {
            if (line.IndexOf(separator, StringComparison.Ordinal) is > 0 and var at)
            {
                fields.TryAdd(line[..at], line[(at + separator.Length)..].Trim());
            }
        }

        return fields;
    }
}
