using System.IO.Enumeration;

namespace Paas.Registry;

/// <summary>Which tags of a repository are kept; a tag stays when any part of the rule keeps it. Without any part every tag stays.</summary>
/// <param name="KeepLast">The newest so many; null: not by count.</param>
/// <param name="KeepDays">Those pushed in the last so many days; null: not by age.</param>
/// <param name="KeepTags">Patterns with * and ?, separated by commas or spaces: "v*,stable"; null: none.</param>
internal sealed record RetentionRule(int? KeepLast, int? KeepDays, string? KeepTags)
{
    public bool KeepsAll => KeepLast is null && KeepDays is null && KeepTags is null;

    /// <summary>Those of the tags that the rule gives up, with why.</summary>
    /// <param name="newestFirst">Name and time of the push.</param>
    public IEnumerable<T> Drops<T>(IReadOnlyList<T> newestFirst, Func<T, (string Name, DateTimeOffset PushedAt)> of, DateTimeOffset now)
    {
        if (KeepsAll)
        {
            return [];
        }

        var patterns = Patterns(KeepTags);
        return newestFirst.Where((tag, index) =>
        {
            var (name, pushedAt) = of(tag);
            return index >= (KeepLast ?? 0)
                && !(KeepDays is { } days && pushedAt >= now.AddDays(-days))
                && !patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
        });
    }

    /// <summary>"the newest 10 tags, those of the last 30 days and those like v*".</summary>
    public override string ToString()
    {
        var parts = new[]
        {
            KeepLast is { } last ? last == 1 ? "the newest tag" : $"the newest {last} tags" : null,
            KeepDays is { } days ? days == 1 ? "those of the last day" : $"those of the last {days} days" : null,
            KeepTags is { } tags ? $"those like {string.Join(" or ", Patterns(tags))}" : null,
        }.OfType<string>().ToList();
        return parts.Count switch
        {
            0 => "every tag",
            1 => parts[0],
            _ => $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}",
        };
    }

    private static string[] Patterns(string? text) => (text ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
