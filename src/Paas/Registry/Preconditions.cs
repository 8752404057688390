using Microsoft.Extensions.Primitives;

namespace Paas.Registry;

/// <summary>If-Match and If-None-Match (RFC 9110, 13.1). A representation's tag is its digest in quotes.</summary>
internal readonly record struct Preconditions(StringValues IfMatch, StringValues IfNoneMatch)
{
    public static Preconditions Of(HttpRequest request) => new(request.Headers.IfMatch, request.Headers.IfNoneMatch);

    /// <summary>For a write.</summary>
    /// <param name="current">The digest that is there; null: nothing.</param>
    public bool Allow(string? current) =>
        (IfMatch.Count == 0 || Names(IfMatch, current)) && (IfNoneMatch.Count == 0 || !Names(IfNoneMatch, current));

    /// <summary>For a read: 304, the client has it.</summary>
    public bool IsNotModified(string current) => IfNoneMatch.Count > 0 && Names(IfNoneMatch, current);

    /// <summary>A weak tag says the same here: bytes with one digest are equal in every way.</summary>
    private static bool Names(StringValues header, string? current) => current is not null && header.Any(line => line is not null && line.Split(',')
        .Select(entry => entry.Trim())
        .Any(entry => entry == "*" || (entry.StartsWith("W/", StringComparison.Ordinal) ? entry[2..] : entry) == $"\"{current}\""));
}
