using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Paas.Oci;

/// <summary>Name of a repository, "hello" or "hello/worker" (distribution-spec v1.1, "Pulling manifests"). One that parsed is well formed.</summary>
public readonly partial record struct RepositoryName
{
    /// <summary>Many clients stop at 255 for host and name together.</summary>
    private const int MaxLength = 255;

    private readonly string? _text;

    private RepositoryName(string text) => _text = text;

    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar { get; }

    /// <summary>The part before the first '/': the app.</summary>
    public string First => ToString().Split('/', 2)[0];

    /// <summary>What follows the first '/'; empty when there is none.</summary>
    public string Rest => ToString().Split('/', 2) is [_, var rest] ? rest : "";

    public static bool TryParse([NotNullWhen(true)] string? text, out RepositoryName name)
    {
        var good = text is { Length: > 0 and <= MaxLength } && Grammar.IsMatch(text);
        name = good ? new RepositoryName(text!) : default;
        return good;
    }

    /// <exception cref="FormatException">Not a repository's name.</exception>
    public static RepositoryName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' cannot be the name of a repository.");

    public override string ToString() => _text ?? throw new InvalidOperationException("A repository name that was never set.");
}
