using System.Net;
using System.Text.RegularExpressions;

namespace Paas.Oci;

/// <summary>An image wherever it lies: "nginx", "ghcr.io/team/app:1.2", "127.0.0.1:5000/app@sha256:...". Short names mean Docker Hub, as with every client.</summary>
/// <param name="Host">Registry as people write it, with its port when there is one; "docker.io" for Docker Hub.</param>
/// <param name="Repository">On Docker Hub with "library/" before a single name.</param>
/// <param name="Reference">A digest wins over a tag; "latest" when neither was given.</param>
public sealed partial record ImageReference(string Host, RepositoryName Repository, Reference Reference)
{
    public const string DockerHub = "docker.io";

    private const int MaxLength = 1000;

    /// <summary>Without TLS; was asked for with "http://" and is for loopback and private addresses only.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>The tag that was written, also beside a digest; null when none was.</summary>
    public Tag? Tag { get; init; }

    /// <summary>Where the registry answers: scheme and authority.</summary>
    public Uri Registry => new($"{(PlainHttp ? "http" : "https")}://{(Host == DockerHub ? "registry-1.docker.io" : Host)}/");

    [GeneratedRegex(@"^(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HostGrammar { get; }

    /// <exception cref="FormatException">The message is a sentence for people.</exception>
    public static ImageReference Parse(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            throw new FormatException("An image is written like ghcr.io/team/app:1.2, nginx:1.27 or registry/app@sha256:...");
        }

        var plain = text.StartsWith("http://", StringComparison.Ordinal);
        var rest = plain ? text["http://".Length..] : text.StartsWith("https://", StringComparison.Ordinal) ? text["https://".Length..] : text;
        var (host, path) = SplitHost(rest);
        if (plain && !MayBePlain(host))
        {
            throw new FormatException($"'{Shown(host)}' is reached over TLS only: without it (http://) images come from this machine and from private networks alone.");
        }

        var digest = default(Digest?);
        if (path.Split('@', 2) is [var before, var promised])
        {
            digest = Digest.TryParse(promised, out var parsed) ? parsed : throw new FormatException($"'{Shown(promised)}' is not a digest: write sha256: and 64 hex digits.");
            path = before;
        }

        var tag = default(Tag?);
        if (path.Split(':', 2) is [var name, var tagged])
        {
            tag = Oci.Tag.TryParse(tagged, out var parsed) ? parsed : throw new FormatException($"'{Shown(tagged)}' cannot be a tag: up to 128 letters, digits, '_', '.' and '-'.");
            path = name;
        }

        if (host == DockerHub && !path.Contains('/', StringComparison.Ordinal))
        {
            path = $"library/{path}";
        }

        return RepositoryName.TryParse(path, out var repository)
            ? new ImageReference(host, repository, digest is { } exact ? Oci.Reference.Of(exact) : Oci.Reference.Of(tag ?? Oci.Tag.Parse("latest"))) { PlainHttp = plain, Tag = tag }
            : throw new FormatException($"'{Shown(path)}' cannot be an image's name: lower-case letters, digits and single '.', '_' and '-' between them, parts set off by '/'.");
    }

    /// <summary>A registry's name as people write it: lower case, Docker Hub by its one name, no scheme, no path.</summary>
    /// <exception cref="FormatException">The message is a sentence for people.</exception>
    public static string ParseHost(string text)
    {
        var host = text.Trim().ToLowerInvariant();
        foreach (var scheme in (ReadOnlySpan<string>)["https://", "http://"])
        {
            host = host.StartsWith(scheme, StringComparison.Ordinal) ? host[scheme.Length..] : host;
        }

        host = host.EndsWith("/v1/", StringComparison.Ordinal) || host.EndsWith("/v2/", StringComparison.Ordinal) ? host[..^4] : host.TrimEnd('/');
        return host.Length <= 255 && HostGrammar.IsMatch(host)
            ? Canonical(host)
            : throw new FormatException($"'{Shown(text)}' is not a registry's host name: write it like ghcr.io or registry.example.com:5000.");
    }

    /// <summary>Loopback and private addresses (RFC 1918, RFC 4193, RFC 6598).</summary>
    public static bool IsPrivate(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.GetAddressBytes() switch
        {
            [10, _, _, _] or [192, 168, _, _] or [172, >= 16 and <= 31, _, _] or [100, >= 64 and <= 127, _, _] => true,
            _ => false,
        };
    }

    public override string ToString() => $"{Host}/{Repository}{(Reference.Digest is { } digest ? $"@{digest}" : $":{Reference}")}";

    /// <summary>The part before the first '/' is a host when no path could begin like it, as docker decides it.</summary>
    private static (string Host, string Path) SplitHost(string text)
    {
        if (text.Split('/', 2) is [var first, var rest] && (first.AsSpan().ContainsAny('.', ':') || first == "localhost"))
        {
            var host = first.ToLowerInvariant();
            return HostGrammar.IsMatch(host) ? (Canonical(host), rest) : throw new FormatException($"'{Shown(first)}' is not a registry's host name.");
        }

        return (DockerHub, text);
    }

    private static string Canonical(string host) => host is "index.docker.io" or "registry-1.docker.io" or "registry.hub.docker.com" ? DockerHub : host;

    /// <summary>A name may resolve to a private address; that is looked at when the connection is made.</summary>
    private static bool MayBePlain(string host) =>
        Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var uri) && host != DockerHub && (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) || IsPrivate(address));

    private static string Shown(string text) => EntryName.Show(System.Text.Encoding.UTF8.GetBytes(text.Length > 80 ? text[..80] : text));
}
