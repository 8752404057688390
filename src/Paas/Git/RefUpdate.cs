using System.Text.RegularExpressions;

namespace Paas.Git;

/// <summary>One ref that a push wants to move, as git's pre-receive hook reads it: "old new name" (githooks(5), "pre-receive").</summary>
internal sealed partial record RefUpdate(string Old, string New, string Name)
{
    private const string Heads = "refs/heads/";

    /// <summary>The id that stands for "no such ref".</summary>
    public static string None { get; } = new('0', 40);

    /// <summary>Null when it is a tag or anything else that is not a branch.</summary>
    public string? Branch => Name.StartsWith(Heads, StringComparison.Ordinal) ? Name[Heads.Length..] : null;

    public bool IsDelete => New == None;

    [GeneratedRegex(@"\A(?<old>[0-9a-f]{40}) (?<new>[0-9a-f]{40}) (?<name>refs/[^\0-\x20\x7f]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    /// <exception cref="InvalidDataException">Not a line that git writes.</exception>
    public static RefUpdate Parse(string line) => Grammar.Match(line) is { Success: true } match
        ? new(match.Groups["old"].Value, match.Groups["new"].Value, match.Groups["name"].Value)
        : throw new InvalidDataException($"Not a ref line: '{Printable.Show(line)}'.");
}
