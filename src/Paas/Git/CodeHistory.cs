using System.Globalization;
using System.Text.RegularExpressions;
using Paas.Client;

namespace Paas.Git;

/// <summary>What lies between two commits of an app's repository, read by git as its own user.</summary>
internal sealed partial class CodeHistory(GitProcess git, GitRepositories repositories, TimeProvider time)
{
    public const int MostCommits = 50;
    public const int MostFiles = 200;

    /// <summary>git compares what strangers pushed: it gets this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [GeneratedRegex(@"\A[0-9a-f]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Commit { get; }

    /// <param name="from">40 hex characters.</param>
    /// <param name="to">Likewise.</param>
    public async Task<CodeChanges> BetweenAsync(long appId, string from, string to, CancellationToken cancellationToken)
    {
        var repository = repositories.PathOf(appId);
        using var limit = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            foreach (var commit in new[] { from, to })
            {
                if (!await ExistsAsync(repository, commit, stop.Token))
                {
                    return Untold(from, to, $"Commit {commit[..Math.Min(7, commit.Length)]} is not in the repository: its push was refused, or the branch was rewritten since.");
                }
            }

            var commits = await LogAsync(repository, from, to, stop.Token);
            var undone = await LogAsync(repository, to, from, stop.Token);
            var files = Files(await RunAsync(repository, ["diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", "--end-of-options", from, to], stop.Token));
            return new CodeChanges(from, to, commits, undone, [.. files.Take(MostFiles)], files.Count, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Untold(from, to, "The difference is too large to be told here. See it in your own clone with git diff.");
        }
    }

    private static CodeChanges Untold(string from, string to, string note) => new(from, to, [], [], [], 0, note);

    private async Task<bool> ExistsAsync(string repository, string commit, CancellationToken cancellationToken)
    {
        if (!Commit.IsMatch(commit) || !Directory.Exists(repository))
        {
            return false;
        }

        var (exitCode, _, _) = await git.TryAsync(["--git-dir", repository, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{commit}^{{commit}}"], null, cancellationToken);
        return exitCode == 0;
    }

    /// <summary>Author and subject are cut by git: a stranger may have made them as long as a pack can be.</summary>
    private async Task<IReadOnlyList<CommitView>> LogAsync(string repository, string without, string of, CancellationToken cancellationToken)
    {
        var output = await RunAsync(
            repository,
            ["log", "-z", FormattableString.Invariant($"--max-count={MostCommits}"), "--no-color", "--no-show-signature", "--no-mailmap", "--format=%H%x09%at%x09%<(80,trunc)%an%x09%<(200,trunc)%s", "--end-of-options", $"{without}..{of}", "--"],
            cancellationToken);
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('\t', 4)).Where(parts => parts.Length == 4).Select(parts => new CommitView(
            parts[0],
            Printable.Show(parts[2].Trim()),
            DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(long.Parse(parts[1], CultureInfo.InvariantCulture), 0, 253_402_300_799)),
            Printable.Show(parts[3].Trim())))];
    }

    private Task<string> RunAsync(string repository, string[] arguments, CancellationToken cancellationToken) =>
        git.RunAsync(["--git-dir", repository, .. arguments], null, cancellationToken);

    /// <summary>"added TAB removed TAB path NUL", with "-" for what is not text (git-diff(1), "--numstat").</summary>
    private static List<FileChange> Files(string output) =>
        [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('\t', 3)).Where(parts => parts.Length == 3)
            .Select(parts => new FileChange(Printable.Show(parts[2]), Lines(parts[0]), Lines(parts[1])))];

    private static int? Lines(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lines) ? lines : null;
}
