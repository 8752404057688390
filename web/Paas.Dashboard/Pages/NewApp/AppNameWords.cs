using System.Text.RegularExpressions;

namespace Paas.Dashboard.Pages.NewApp;

/// <summary>What is wrong with a name while it is typed; the API has the last word.</summary>
public static partial class AppNameWords
{
    private const int Longest = 63;

    [GeneratedRegex("[^a-z0-9-]", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign { get; }

    /// <summary>Null when nothing is wrong, or nothing typed yet.</summary>
    public static string? Of(string name) => name switch
    {
        "" => null,
        _ when name.Any(char.IsUpper) => "Use lower-case letters: the name becomes part of the app's address.",
        _ when Foreign.Match(name) is { Success: true } match => $"'{match.Value}' cannot be part of a name: use a-z, 0-9 and '-'.",
        ['-', ..] => "Begin with a letter or a digit.",
        [.., '-'] => "End with a letter or a digit.",
        { Length: > Longest } => $"A name has at most {Longest} characters; this one has {name.Length}.",
        _ => null,
    };
}
