using Microsoft.Extensions.Options;
using Paas.Builds;
using Paas.State;

namespace Paas.Git;

/// <summary>Turns a pushed commit into a Source, through an index of its own: "git archive" would obey export-ignore and export-subst.</summary>
internal sealed class Checkout(GitProcess git, GitRepositories repositories, IOptions<GitOptions> options)
{
    private const int LongestLink = 4095;

    /// <summary>A pointer is shorter than this (git-lfs specification, "The Pointer").</summary>
    private const int LongestPointer = 1024;

    private static ReadOnlySpan<byte> PointerStart => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Reads the commit and says what a person has to know of it, before anything is written.</summary>
    /// <exception cref="UserError">It cannot be built as it is.</exception>
    public async Task<SourceTree> InspectAsync(Push push, HookRequest request, string commit, Action<string> say, CancellationToken cancellationToken)
    {
        var repository = repositories.PathOf(push.App.Id);
        var tree = await SourceTree.ReadAsync(git, options.Value, repository, request.Quarantine, commit, cancellationToken);
        foreach (var entry in tree.Entries.Where(entry => Printable.IsHostile(entry.Path)).Take(10))
        {
            say($"Note: a file name with control characters, '{Printable.Show(entry.Path)}', is taken as it is.");
        }

        foreach (var entry in tree.Entries.Where(entry => entry.IsSubmodule).Take(10))
        {
            say($"Warning: '{Printable.Show(entry.Path)}' is a submodule. A push carries only its address, so its folder is empty in the build: add its files to this repository (git subtree add) or install it as a package.");
        }

        await CheckContentAsync(repository, request, tree, say, cancellationToken);
        return tree;
    }

    /// <summary>Writes the files. The folder is the deploy's from then on.</summary>
    public async Task<Source> WriteAsync(Push push, HookRequest request, SourceTree tree, string branch, CancellationToken cancellationToken)
    {
        var folder = repositories.MakeCheckout(push.Id);
        var files = Path.Combine(folder, "tree");
        var environment = new Dictionary<string, string>(request.Quarantine, StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = Path.Combine(folder, "index") };

        // Files as committed: no line ending conversion by configuration, links as links, every name that Linux allows.
        string[] asCommitted = ["-c", "core.bare=false", "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.symlinks=true", "-c", "core.fileMode=true", "-c", "core.protectNTFS=false",
            "--git-dir", repositories.PathOf(push.App.Id), "--work-tree", files];
        await git.RunAsync([.. asCommitted[..^2], "read-tree", tree.Commit], environment, cancellationToken);
        repositories.MakeCheckout(Path.Combine(push.Id, "tree"));
        await git.RunAsync([.. asCommitted, "checkout-index", "--all", "--force", "--quiet"], environment, cancellationToken);
        return new(files, tree.Commit, branch, tree.Message);
    }

    /// <summary>What the deploy left.</summary>
    public void Remove(Push push) => repositories.RemoveCheckout(push.Id);

    private async Task CheckContentAsync(string repository, HookRequest request, SourceTree tree, Action<string> say, CancellationToken cancellationToken)
    {
        if (tree.Entries.FirstOrDefault(entry => entry.IsLink && entry.Size > LongestLink) is { } endless)
        {
            throw new UserError("source_link_too_long", 400, $"The target of the symlink '{Printable.Show(endless.Path)}' is longer than a path can be: remove it and push again.");
        }

        var asked = tree.Entries.Where(entry => entry.IsLink || (!entry.IsSubmodule && entry.Size < LongestPointer && entry.Size > PointerStart.Length)).ToList();
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        var pointers = new List<string>();
        var next = 0;
        await foreach (var item in GitObjects.ReadAsync(git, repository, request.Quarantine, [.. asked.Select(entry => entry.Id)], cancellationToken))
        {
            var entry = asked[next++];
            if (entry.IsLink)
            {
                links[entry.Path] = TreeEntry.Text(item.Content);
            }
            else if (item.Content.AsSpan().StartsWith(PointerStart))
            {
                pointers.Add(entry.Path);
            }
        }

        if (TreeLinks.FirstThatLeaves(links) is { } leaving)
        {
            throw new UserError("source_link_leaves", 400, $"The symlink '{Printable.Show(leaving)}' -> '{Printable.Show(links[leaving])}' leads out of the repository: make it relative to a file in the repository, or remove it, and push again.");
        }

        if (pointers.Count > 0)
        {
            say($"Warning: {(pointers.Count == 1 ? "a file is a Git LFS pointer" : $"{pointers.Count} files are Git LFS pointers")}, not the file itself ('{Printable.Show(pointers[0])}'{(pointers.Count > 1 ? ", ..." : "")}). "
                + "The platform has no LFS storage, so the build gets the pointer: commit the file itself (git lfs migrate export --include=<path>) or let the build download it.");
        }
    }
}
