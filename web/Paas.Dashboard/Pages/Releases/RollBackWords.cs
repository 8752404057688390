using Paas.Client;
using Paas.Dashboard.Controls;

namespace Paas.Dashboard.Pages.Releases;

/// <summary>What a rollback will do, in sentences.</summary>
public static class RollBackWords
{
    private static readonly string[] Kinds = ["added", "removed", "changed"];

    private const int MostNames = 5;

    /// <param name="changes">From what serves to the target.</param>
    public static IReadOnlyList<string> Of(ReleaseView target, ReleaseChanges changes) =>
    [
        Code(target, changes),
        Config(changes.Config),
        .. changes.Processes.Count == 0 ? Array.Empty<string>() : [$"Commands of {Names(changes.Processes.Select(process => process.Type))} change."],
        "Count and size of processes, domains and settings stay as they are.",
        "The new instances start beside the old ones; the routes switch when they are healthy.",
    ];

    private static string Code(ReleaseView target, ReleaseChanges changes) => (changes, target.Commit) switch
    {
        ({ ImageChanged: false }, _) => "The code stays as it is.",
        ({ Code: { Note: null } code }, { } commit) =>
            $"The code goes to commit {Say.Commit(commit)}: {string.Join(" and ", Counts(code))}.",
        (_, { } commit) => $"The code goes to commit {Say.Commit(commit)}.",
        _ => $"The image becomes {Say.Digest(target.Image)}.",
    };

    private static IEnumerable<string> Counts(CodeChanges code)
    {
        if (code.Undone.Count > 0)
        {
            yield return $"{Say.Count(code.Undone.Count, "commit")} taken back";
        }

        if (code.Commits.Count > 0)
        {
            yield return $"{Say.Count(code.Commits.Count, "commit")} added";
        }

        yield return $"{Say.Count(code.FilesTotal, "file")} {(code.FilesTotal == 1 ? "differs" : "differ")}";
    }

    private static string Config(IReadOnlyList<ConfigChange> changes)
    {
        var parts = Kinds
            .Select(kind => (Kind: kind, Names: changes.Where(change => change.Change == kind).Select(change => change.Name).ToList()))
            .Where(item => item.Names.Count > 0)
            .Select(item => $"{Names(item.Names)} {item.Kind}");
        return changes.Count == 0 ? "Config vars stay as they are." : $"Config vars: {string.Join("; ", parts)}.";
    }

    private static string Names(IEnumerable<string> names) => names.ToList() is { Count: > MostNames } many
        ? $"{string.Join(", ", many.Take(MostNames))} and {many.Count - MostNames} more"
        : string.Join(", ", names);
}
