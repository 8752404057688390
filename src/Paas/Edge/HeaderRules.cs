using System.Collections.Frozen;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace Paas.Edge;

/// <summary>Which headers never pass the edge.</summary>
internal static class HeaderRules
{
    /// <summary>Between edge and control only: stripped from strangers' requests and from every response.</summary>
    public const string Internal = "Paas-";

    /// <summary>RFC 9110, 7.6.1 ("Connection") and what older software calls hop-by-hop; Alt-Svc names the server's own ports.</summary>
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
        "TE", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Alt-Svc",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Hop-by-hop, what only the edge may say about the client, what it answers itself (Expect), and "Proxy",
    /// which CGI programs take for their proxy setting (CVE-2016-5385).</summary>
    private static readonly FrozenSet<string> FromOutside = HopByHop.Items
        .Concat(["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "X-Original-Host", "X-Forwarded", "Expect", "Proxy", "Host"])
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>An underscore counts as a hyphen: CGI and WSGI read X_Forwarded_For and X-Forwarded-For as one.</summary>
    public static bool DropFromRequest(string name) =>
        FromOutside.Contains(name)
        || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(Internal, StringComparison.OrdinalIgnoreCase)
        || name[0] == ':'
        || (name.Contains('_') && DropFromRequest(name.Replace('_', '-')));

    public static bool DropFromResponse(string name) =>
        HopByHop.Contains(name) || name.StartsWith(Internal, StringComparison.OrdinalIgnoreCase);

    /// <summary>The headers that this hop's Connection header names besides its own options: they end here too. Null: none, as almost always.</summary>
    public static string[]? NamedBy(StringValues connection)
    {
        var plain = connection.Count == 0 || (connection is [{ } one]
            && (one.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || one.Equals("close", StringComparison.OrdinalIgnoreCase) || one.Equals("upgrade", StringComparison.OrdinalIgnoreCase)));
        return plain ? null : connection.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <inheritdoc cref="NamedBy(StringValues)"/>
    public static string[]? NamedBy(HttpResponseHeaders headers) =>
        headers.NonValidated.TryGetValues("Connection", out var values) ? NamedBy(new StringValues([.. values])) : null;

    public static bool Contains(string[]? names, string name) =>
        names is not null && Array.Exists(names, other => other.Equals(name, StringComparison.OrdinalIgnoreCase));
}
