using System.Text.RegularExpressions;

namespace Paas.Registry;

/// <summary>Names of repositories that a robot token is for: a name, or one with '*' for any run of characters ("hello", "hello/*", "ci-*").</summary>
internal static partial class RobotPattern
{
    public const int Longest = 255;

    [GeneratedRegex(@"^[a-z0-9*]([a-z0-9*._/-]*[a-z0-9*])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar { get; }

    public static bool IsGood(string? pattern) => pattern is { Length: > 0 and <= Longest } && Grammar.IsMatch(pattern) && !pattern.Contains("//", StringComparison.Ordinal);

    /// <summary>In time linear to each star's stretch: the last star gives back one character at a time.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (at, inName, star, resume) = (0, 0, -1, 0);
        while (inName < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, resume) = (at++, inName);
            }
            else if (at < pattern.Length && pattern[at] == name[inName])
            {
                at++;
                inName++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                inName = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(at).TrimStart('*').IsEmpty;
    }
}
