using System.Net;
using System.Text.RegularExpressions;

namespace Paas.Builds;

/// <summary>Debian's mirrors and apt's network settings as the host has them. The platform names no mirror of its own:
/// on a host without one (Ubuntu) mmdebstrap's own default holds.</summary>
/// <param name="Lines">One-line sources for the wanted suite, with the host's credentials where it has some.</param>
/// <param name="Options">apt.conf lines, "Acquire::http::Proxy \"...\"".</param>
internal sealed partial record AptSources(IReadOnlyList<string> Lines, IReadOnlyList<string> Options)
{
    internal const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    /// <summary>Only how to reach a mirror: what a host says of languages, caches or indexes is its own affair.</summary>
    [GeneratedRegex("^Acquire::(http|https|ftp|socks|Retries|ForceIPv4|ForceIPv6|Check-Valid-Until|Check-Date|Max-FutureTime)(::|\\s)", RegexOptions.IgnoreCase)]
    private static partial Regex Network { get; }

    /// <param name="root">"/": where etc/apt and etc/os-release lie.</param>
    /// <param name="dump">What `apt-config dump` printed.</param>
    /// <param name="suite">Suite to put in place of the host's.</param>
    /// <param name="components">Components to take.</param>
    public static AptSources Read(string root, string dump, string suite, IReadOnlyList<string> components)
    {
        var codename = Codename(root);
        var lines = codename is null
            ? []
            : Files(root).SelectMany(file => Sources(File.ReadAllText(file), file.EndsWith(".sources", StringComparison.Ordinal)))
                .Where(IsDebian)
                .Select(source => (Suite: Renamed(source.Suite, codename, suite), Uri: Resolved(root, source.Uri)))
                .Where(source => source is { Suite: not null, Uri: not null })
                .Select(source => $"deb [signed-by={Keyring}] {source.Uri} {source.Suite} {string.Join(' ', components)}")
                .Distinct()
                .ToList();
        var options = dump.Split('\n')
            .Where(line => Network.IsMatch(line) && !line.Contains(" \"\";", StringComparison.Ordinal))
            .Select(line => line.TrimEnd().TrimEnd(';'))
            .ToList();
        return new(lines, options);
    }

    /// <summary>The lines as an image may carry them: without credentials.</summary>
    public IEnumerable<string> PublicLines() => Lines.Select(line => UserInfo.Replace(line, "$1"));

    /// <summary>The proxies without credentials.</summary>
    public IEnumerable<string> PublicOptions() =>
        Options.Where(option => option.Contains("::Proxy", StringComparison.OrdinalIgnoreCase)).Select(option => UserInfo.Replace(option, "$1"));

    /// <summary>Mirrors and proxies that lines of either kind name.</summary>
    public static IReadOnlyList<DnsEndPoint> Hosts(IEnumerable<string> lines) =>
    [
        .. lines.SelectMany(line => Words(line.Replace('"', ' ').Replace(';', ' ')))
            .Select(word => Uri.TryCreate(word, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? new DnsEndPoint(uri.Host, uri.Port) : null)
            .OfType<DnsEndPoint>().Distinct(),
    ];

    [GeneratedRegex("(://)[^/@\\s]*@")]
    private static partial Regex UserInfo { get; }

    private static string? Codename(string root)
    {
        var file = Path.Combine(root, "etc/os-release");
        var values = !File.Exists(file)
            ? []
            : File.ReadAllLines(file).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.First()[1].Trim('"'));
        return values.GetValueOrDefault("ID") == "debian" ? values.GetValueOrDefault("VERSION_CODENAME") : null;
    }

    private static IEnumerable<string> Files(string root)
    {
        var main = Path.Combine(root, "etc/apt/sources.list");
        var parts = Path.Combine(root, "etc/apt/sources.list.d");
        return (File.Exists(main) ? [main] : Array.Empty<string>())
            .Concat(Directory.Exists(parts) ? Directory.GetFiles(parts).Order(StringComparer.Ordinal) : [])
            .Where(file => file.EndsWith(".list", StringComparison.Ordinal) || file.EndsWith(".sources", StringComparison.Ordinal));
    }

    private static IEnumerable<Source> Sources(string text, bool deb822) => deb822 ? Paragraphs(text) : OneLine(text);

    /// <summary>sources.list(5), "ONE-LINE-STYLE FORMAT".</summary>
    private static IEnumerable<Source> OneLine(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (OneLineSource.Match(line) is { Success: true } match)
            {
                var signed = SignedByOption.Match(match.Groups["options"].Value);
                yield return new(
                    match.Groups["uri"].Value,
                    match.Groups["suite"].Value,
                    Words(match.Groups["components"].Value),
                    signed.Success ? signed.Groups[1].Value : null);
            }
        }
    }

    [GeneratedRegex("^\\s*deb\\s+(\\[(?<options>[^\\]]*)\\]\\s+)?(?<uri>\\S+)\\s+(?<suite>\\S+)\\s+(?<components>[^#]*)")]
    private static partial Regex OneLineSource { get; }

    [GeneratedRegex("signed-by=(\\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex SignedByOption { get; }

    /// <summary>sources.list(5), "DEB822-STYLE FORMAT".</summary>
    private static IEnumerable<Source> Paragraphs(string text)
    {
        var plain = string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#')));
        foreach (var paragraph in plain.Split("\n\n"))
        {
            var fields = Field.Matches(paragraph)
                .GroupBy(match => match.Groups[1].Value.ToUpperInvariant())
                .ToDictionary(group => group.Key, group => group.First().Groups[2].Value.Trim());
            if (!Words(fields.GetValueOrDefault("TYPES", "")).Contains("deb") || fields.GetValueOrDefault("ENABLED") is "no" or "false")
            {
                continue;
            }

            var signed = fields.GetValueOrDefault("SIGNED-BY");
            foreach (var uri in Words(fields.GetValueOrDefault("URIS", "")))
            {
                foreach (var suite in Words(fields.GetValueOrDefault("SUITES", "")))
                {
                    yield return new(uri, suite, Words(fields.GetValueOrDefault("COMPONENTS", "")), signed);
                }
            }
        }
    }

    [GeneratedRegex("^([A-Za-z-]+):((?:.*(?:\\n[ \\t].*)*))", RegexOptions.Multiline)]
    private static partial Regex Field { get; }

    /// <summary>Debian's own archive, not a vendor's that uses Debian's suite names.</summary>
    private static bool IsDebian(Source source) =>
        source.Components.Contains("main")
        && (source.SignedBy is null || Path.GetFileName(source.SignedBy).StartsWith("debian-archive-", StringComparison.Ordinal));

    private static string? Renamed(string found, string codename, string wanted) => found switch
    {
        _ when found == codename || found is "stable" or "oldstable" or "testing" => wanted,
        _ when found == $"{codename}-updates" || found is "stable-updates" or "oldstable-updates" => $"{wanted}-updates",
        _ when found == $"{codename}-security" || found is "stable-security" or "oldstable-security" => $"{wanted}-security",
        _ => null,
    };

    /// <summary>Debian's cloud images name a list of mirrors in a file; its first one will do.</summary>
    private static string? Resolved(string root, string uri)
    {
        if (uri.StartsWith("mirror+file:", StringComparison.Ordinal))
        {
            var file = Path.Combine(root, uri["mirror+file:".Length..].TrimStart('/'));
            return File.Exists(file)
                ? File.ReadLines(file).Select(line => Words(line).FirstOrDefault()).FirstOrDefault(word => word is not null && !word.StartsWith('#'))
                : null;
        }

        return uri.StartsWith("cdrom:", StringComparison.Ordinal) ? null : uri;
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private sealed record Source(string Uri, string Suite, string[] Components, string? SignedBy);
}
