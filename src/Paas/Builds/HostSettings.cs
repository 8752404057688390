using System.Net;

namespace Paas.Builds;

/// <summary>What builds learn of the host's way to the internet: proxy and package registry URLs without credentials, and the
/// CA bundle. Never a token (trust rule 7).</summary>
/// <param name="Proxies">HTTP_PROXY, HTTPS_PROXY, NO_PROXY in both cases: part of each buildpack's own environment.</param>
/// <param name="Variables">Package managers' settings, for the operator's build-config/env; an app's config vars win over them.</param>
/// <param name="CaBundle">File on the host; null: the build image's own certificates do.</param>
/// <param name="Hosts">Hosts and ports of these URLs: builds must reach them even inside a private network.</param>
public sealed record HostSettings(
    IReadOnlyDictionary<string, string> Proxies,
    IReadOnlyDictionary<string, string> Variables,
    string? CaBundle,
    IReadOnlyList<DnsEndPoint> Hosts)
{
    /// <summary>Where builds see the CA bundle: the place where Debian's programs look.</summary>
    public const string CaBundleInside = "/etc/ssl/certs/ca-certificates.crt";

    private static readonly string[] ProxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

    /// <summary>URLs of registries that package managers take from the environment.</summary>
    private static readonly string[] RegistryNames =
        ["NPM_CONFIG_REGISTRY", "YARN_NPM_REGISTRY_SERVER", "YARN_REGISTRY", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "GOPROXY", "BUNDLE_MIRROR__ALL"];

    /// <summary>NuGet knows no variable for its sources: the dotnet buildpack writes them into the build's own NuGet.Config. URLs with blanks between.</summary>
    private const string NuGetName = "PAAS_NUGET_SOURCES";

    /// <summary>What it asks to trust a package's signature; "offline" where the authorities cannot be reached.</summary>
    private const string NuGetRevocation = "NUGET_CERT_REVOCATION_MODE";

    /// <summary>Settings of npm that are URLs or host lists; npmrc(5).</summary>
    private static readonly string[] NpmNames = ["registry", "proxy", "https-proxy", "noproxy"];

    /// <summary>Machine-wide configuration of NuGet on Linux.</summary>
    private const string NuGetMachine = "/etc/opt/NuGet/Config";

    /// <summary>Programs with a certificate store of their own learn of the bundle by these.</summary>
    private static readonly string[] CaNames =
        ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_CAFILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"];

    /// <param name="environment">The platform's own.</param>
    /// <param name="npmrc">Texts of npm's configuration files, the user's before the machine's.</param>
    /// <param name="nuget">Texts of NuGet.Config files, the user's before the machine's.</param>
    /// <param name="defaultBundle">The host's CA bundle when the environment names none; null when there is none.</param>
    public static HostSettings From(IReadOnlyDictionary<string, string> environment, IEnumerable<string> npmrc, IEnumerable<string> nuget, string? defaultBundle)
    {
        var given = environment.Where(pair => pair.Value.Length > 0)
            .GroupBy(pair => pair.Key.ToUpperInvariant())
            .ToDictionary(group => group.Key, group => group.First().Value);
        var npm = npmrc.SelectMany(NpmLines).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.First().Value);

        var proxies = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in ProxyNames.Where(given.ContainsKey))
        {
            proxies[name] = proxies[name.ToLowerInvariant()] = name == "NO_PROXY" ? given[name] : WithoutUser(given[name]);
        }

        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in NpmNames.Where(npm.ContainsKey))
        {
            variables[$"NPM_CONFIG_{name.Replace('-', '_').ToUpperInvariant()}"] = name == "noproxy" ? npm[name] : WithoutUser(npm[name]);
        }

        foreach (var name in RegistryNames.Concat(NpmNames.Select(name => $"NPM_CONFIG_{name.Replace('-', '_').ToUpperInvariant()}")).Where(given.ContainsKey))
        {
            variables[name] = string.Join(name == "GOPROXY" ? ',' : ' ', given[name].Split(name == "GOPROXY" ? ',' : ' ').Select(WithoutUser));
        }

        if (NuGetSources.Of(nuget) is [_, ..] sources)
        {
            variables[NuGetName] = string.Join(' ', sources);
        }

        if (given.TryGetValue(NuGetRevocation, out var revocation))
        {
            variables[NuGetRevocation] = revocation;
        }

        var bundle = CaNames.Select(given.GetValueOrDefault).Append(npm.GetValueOrDefault("cafile")).Append(defaultBundle)
            .FirstOrDefault(file => file is not null && Path.IsPathFullyQualified(file) && File.Exists(file));
        if (bundle is not null)
        {
            foreach (var name in CaNames)
            {
                variables[name] = CaBundleInside;
            }
        }

        var hosts = proxies.Values.Concat(variables.Values)
            .SelectMany(value => value.Split([' ', ',']))
            .Select(value => Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? new DnsEndPoint(uri.Host, uri.Port) : null)
            .OfType<DnsEndPoint>().Distinct().ToList();
        return new(proxies, variables, bundle, hosts);
    }

    /// <summary>As this process and the package managers' own files have them.</summary>
    public static HostSettings Read()
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        string?[] files =
        [
            environment.GetValueOrDefault("npm_config_userconfig") ?? Path.Combine(environment.GetValueOrDefault("HOME") ?? "/root", ".npmrc"),
            environment.GetValueOrDefault("npm_config_globalconfig"), "/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc",
        ];
        var home = environment.GetValueOrDefault("HOME") ?? "/root";
        IEnumerable<string> nuget =
        [
            Path.Combine(home, ".nuget/NuGet/NuGet.Config"), Path.Combine(home, ".config/NuGet/NuGet.Config"),
            .. Directory.Exists(NuGetMachine) ? (string[])[.. Directory.EnumerateFiles(NuGetMachine, "*.config", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [],
        ];
        const string bundle = "/etc/ssl/certs/ca-certificates.crt";
        return From(environment, Texts(files.OfType<string>()), Texts(nuget), File.Exists(bundle) ? bundle : null);
    }

    private static IEnumerable<string> Texts(IEnumerable<string> files) => files.Where(File.Exists).Select(File.ReadAllText);

    private static IEnumerable<KeyValuePair<string, string>> NpmLines(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (!line.TrimStart().StartsWith('#') && !line.TrimStart().StartsWith(';') && line.Split('=', 2) is [var key, var value])
            {
                yield return new(key.Trim(), value.Trim().Trim('"'));
            }
        }
    }

    /// <summary>The URL without user and password; what is no URL ("direct", "off") stays.</summary>
    private static string WithoutUser(string value)
    {
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var end = value.IndexOfAny(['/', '?', '#'], start) is >= 0 and var found ? found : value.Length;
        var at = value.LastIndexOf('@', end - 1, end - start);
        return at < 0 ? value : string.Concat(value.AsSpan(0, start), value.AsSpan(at + 1));
    }
}
