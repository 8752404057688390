using Microsoft.Extensions.Options;
using Paas.Apps;
using Paas.State;

namespace Paas.Git;

/// <summary>One bare repository per app, git/&lt;app id&gt;.git in the home: named by id, so that renaming an app moves nothing.</summary>
/// <remarks>The folder is root's; each repository in it is git's user's; hooks/ is root's and read-only for git (trust rule 1).</remarks>
internal sealed class GitRepositories(PlatformHome home, GitProcess git, IOptions<GitOptions> options, TimeProvider time) : IDisposable
{
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Executable = Passable | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SemaphoreSlim _making = new(1);

    /// <summary>The folder for core.hooksPath; holds the one fixed binary.</summary>
    public string Hooks => Path.Combine(home.Git, "hooks");

    private string Checkouts => Path.Combine(home.Git, "checkouts");

    public string PathOf(long appId) => Path.Combine(home.Git, FormattableString.Invariant($"{appId}.git"));

    /// <summary>At start: makes the folders, installs the hook, removes what a crash left.</summary>
    public void Prepare()
    {
        Make(home.Git, Passable);
        Make(Hooks, Executable);
        if (Directory.Exists(Checkouts))
        {
            Directory.Delete(Checkouts, recursive: true);
        }

        Make(Checkouts, Passable);
        foreach (var unfinished in Directory.EnumerateDirectories(home.Git, "*.new"))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        var hook = Path.Combine(Hooks, "pre-receive");
        File.Copy(options.Value.HookBinary, hook + ".new", overwrite: true);
        File.SetUnixFileMode(hook + ".new", Executable);
        File.Move(hook + ".new", hook, overwrite: true);
    }

    /// <summary>The app's repository, made on first use.</summary>
    public async Task<string> EnsureAsync(long appId, CancellationToken cancellationToken)
    {
        var path = PathOf(appId);
        await _making.WaitAsync(cancellationToken);
        try
        {
            if (!Directory.Exists(path))
            {
                var unfinished = path + ".new";
                MakeOwned(unfinished);
                await git.RunAsync(["init", "--quiet", "--bare", "--initial-branch=main", "--template=", "--", unfinished], null, cancellationToken);
                Directory.Move(unfinished, path);
            }
        }
        finally
        {
            _making.Release();
        }

        return path;
    }

    /// <summary>Lets HEAD follow the deploy branch: it is what a clone checks out.</summary>
    public async Task FollowDeployBranchAsync(App app, CancellationToken cancellationToken)
    {
        if (app.DeployBranch is not { } branch)
        {
            return;
        }

        var (_, head, _) = await git.TryAsync(["--git-dir", PathOf(app.Id), "symbolic-ref", "--quiet", "HEAD"], null, cancellationToken);
        if (head.TrimEnd('\n') != $"refs/heads/{branch}")
        {
            await git.RunAsync(["--git-dir", PathOf(app.Id), "symbolic-ref", "HEAD", $"refs/heads/{branch}"], null, cancellationToken);
        }
    }

    /// <summary>Where the ref points now, 40 hex characters; <see cref="RefUpdate.None"/> when it does not exist.</summary>
    public async Task<string> ReadRefAsync(long appId, string name, CancellationToken cancellationToken)
    {
        var (exitCode, output, _) = await git.TryAsync(["--git-dir", PathOf(appId), "rev-parse", "--verify", "--quiet", "--end-of-options", name], null, cancellationToken);
        return exitCode == 0 ? output.TrimEnd('\n') : RefUpdate.None;
    }

    /// <summary>Bytes on disk, a push in quarantine included. Links are counted, never followed.</summary>
    public long SizeOf(long appId) =>
        new DirectoryInfo(PathOf(appId)).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Sum(file => file.Exists ? file.Length : 0);

    /// <summary>An empty folder that git may write to; whoever asked removes it.</summary>
    public string MakeCheckout(string push)
    {
        var path = Path.Combine(Checkouts, push);
        MakeOwned(path);
        return path;
    }

    public void RemoveCheckout(string push)
    {
        var path = Path.Combine(Checkouts, push);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Takes the repository of a destroyed app out of use; it stays in the trash until retention ends (trust rule 12). None is fine.</summary>
    public async Task TrashAsync(long appId, CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            if (Directory.Exists(PathOf(appId)))
            {
                var trash = Path.Combine(home.Trash, appId.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Directory.CreateDirectory(trash, Private);
                Directory.Move(PathOf(appId), Path.Combine(trash, FormattableString.Invariant($"git-{time.GetUtcNow():yyyyMMdd'T'HHmmssfff}")));
            }
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();

    /// <summary>With exactly this mode: control's umask must not lock git out.</summary>
    private static void Make(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
    }

    private void MakeOwned(string path)
    {
        Directory.CreateDirectory(path, Private);
        git.User?.Own(path);
    }
}
