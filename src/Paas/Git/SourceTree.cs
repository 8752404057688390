using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Paas.State;

namespace Paas.Git;

/// <summary>A file, symlink or submodule of a commit, as "git ls-tree" lists it.</summary>
/// <param name="Size">Bytes; 0 for a submodule.</param>
internal sealed record TreeEntry(string Mode, string Id, long Size, string Path)
{
    public bool IsLink => Mode == "120000";

    public bool IsSubmodule => Mode == "160000";

    /// <summary>From "mode type id size TAB path" (git-ls-tree(1), -l).</summary>
    /// <exception cref="UserError">source_name_encoding: the path is not UTF-8.</exception>
    public static TreeEntry Parse(ReadOnlySpan<byte> line)
    {
        var tab = line.IndexOf((byte)'\t');
        var fields = Encoding.ASCII.GetString(line[..tab]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(fields[0], fields[2], fields[3] == "-" ? 0 : long.Parse(fields[3], CultureInfo.InvariantCulture), Text(line[(tab + 1)..]));
    }

    /// <exception cref="UserError">source_name_encoding.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new UserError("source_name_encoding", 400, $"The file name '{Printable.Show(Encoding.UTF8.GetString(bytes))}' is not valid UTF-8: rename the file and push again.");
        }
    }

    private static UTF8Encoding Strict { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

/// <summary>What a commit holds, read before anything of it is written to disk.</summary>
/// <param name="Message">First line of the commit's message.</param>
internal sealed record SourceTree(string Commit, string Message, IReadOnlyList<TreeEntry> Entries)
{
    /// <exception cref="UserError">The branch does not name a commit, the commit is empty, or it is over a limit.</exception>
    public static async Task<SourceTree> ReadAsync(GitProcess git, GitOptions limits, string repository, IReadOnlyDictionary<string, string> quarantine, string commit, CancellationToken cancellationToken)
    {
        var message = "";
        await foreach (var item in GitObjects.ReadAsync(git, repository, quarantine, [commit], cancellationToken))
        {
            message = item.Type == "commit" ? FirstLine(item.Content) : throw new UserError("source_not_a_commit", 400, $"{commit[..7]} is a {item.Type}, not a commit: push a branch.");
        }

        var entries = new List<TreeEntry>();
        long size = 0;
        using var process = git.Start(["--git-dir", repository, "ls-tree", "-r", "-l", "-z", "--full-tree", commit], quarantine);
        try
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await foreach (var entry in ListAsync(process.StandardOutput.BaseStream, cancellationToken))
            {
                entries.Add(entry);
                size += entry.Size;
                Check(limits, entries.Count, entry, size);
            }

            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new GitException(["ls-tree", commit], process.ExitCode, await errors);
            }
        }
        finally
        {
            process.Kill();
        }

        return entries.Count > 0 ? new(commit, message, entries) : throw new UserError("source_empty", 400, $"Commit {commit[..7]} holds no files: add your app's files, commit and push again.");
    }

    private static void Check(GitOptions limits, int count, TreeEntry entry, long size)
    {
        if (count > limits.MaxFiles)
        {
            throw new UserError("source_too_many_files", 413, string.Create(CultureInfo.InvariantCulture, $"The commit holds more than {limits.MaxFiles:N0} files, the most that is built: leave installed packages and build results out of git (.gitignore) and push again."));
        }

        if (entry.Size > limits.MaxTreeSize)
        {
            throw new UserError("source_too_large", 413, $"The file '{Printable.Show(entry.Path)}' has {GitOptions.Show(entry.Size)}; all files of a commit together may have {GitOptions.Show(limits.MaxTreeSize)}. Take it out of the history (git filter-repo, or amend the commit) and keep it outside git.");
        }

        if (size > limits.MaxTreeSize)
        {
            throw new UserError("source_too_large", 413, $"The files of the commit together have more than {GitOptions.Show(limits.MaxTreeSize)}, the most that is built: take large files out and push again.");
        }
    }

    private static async IAsyncEnumerable<TreeEntry> ListAsync(Stream output, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(output, new StreamPipeReaderOptions(bufferSize: 65536, leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)0) is { } end)
            {
                yield return TreeEntry.Parse(rest.Slice(0, end).ToArray());
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>A commit is headers, an empty line, the message (gitformat of "git cat-file commit").</summary>
    private static string FirstLine(ReadOnlySpan<byte> commit)
    {
        var body = commit.IndexOf("\n\n"u8);
        var text = body < 0 ? "" : Encoding.UTF8.GetString(commit[(body + 2)..]).TrimStart();
        var line = text.Split('\n', 2)[0].TrimEnd();
        return Printable.IsHostile(line) ? Printable.Show(line) : line[..Math.Min(line.Length, 200)];
    }
}
