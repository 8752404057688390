using System.Text.RegularExpressions;

namespace Paas.Oci;

/// <summary>One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1; docker token authentication).</summary>
/// <param name="Scheme">Lower case: "basic", "bearer".</param>
/// <param name="Parameters">Names in lower case: realm, service, scope.</param>
public sealed partial record RegistryChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>A scheme (no '=' after it), or a parameter with its plain or quoted value.</summary>
    [GeneratedRegex("""\G[\s,]*(?:(?<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^\s,"]*))|(?<scheme>[A-Za-z0-9-]+)(?=[\s,]|\z))""", RegexOptions.CultureInvariant, 200)]
    private static partial Regex Piece { get; }

    /// <summary>In order; what cannot be read is left out.</summary>
    public static IReadOnlyList<RegistryChallenge> Parse(IEnumerable<string> headers)
    {
        var challenges = new List<(string Scheme, Dictionary<string, string> Parameters)>();
        foreach (var header in headers.Where(header => header.Length <= 8192))
        {
            foreach (Match piece in Piece.Matches(header))
            {
                if (piece.Groups["scheme"].Success)
                {
                    challenges.Add((piece.Groups["scheme"].Value.ToLowerInvariant(), new Dictionary<string, string>(StringComparer.Ordinal)));
                }
                else if (challenges is [.., var last])
                {
                    last.Parameters[piece.Groups["name"].Value.ToLowerInvariant()] =
                        piece.Groups["quoted"].Success ? Regex.Unescape(piece.Groups["quoted"].Value) : piece.Groups["plain"].Value;
                }
            }
        }

        return [.. challenges.Select(item => new RegistryChallenge(item.Scheme, item.Parameters))];
    }
}
