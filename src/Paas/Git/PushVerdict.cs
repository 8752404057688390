using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Paas.Apps;
using Paas.Deploys;
using Paas.State;

namespace Paas.Git;

/// <summary>Decides whether a push is stored: one verdict for all of its refs (architecture, "A push and its verdict").</summary>
internal sealed partial class PushVerdict(GitAccess access, GitDeploys deploys, GitRepositories repositories, Checkout checkout, IOptions<GitOptions> options)
{
    private static readonly string[] FirstDeployBranches = ["main", "master"];

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }

    /// <param name="stopping">The platform stops: a deploy under way is interrupted.</param>
    /// <exception cref="UserError">The push is refused, and why.</exception>
    public async Task<bool> DecideAsync(Push push, HookRequest request, HookReply reply, CancellationToken stopping)
    {
        RefuseDeletion(push.App, request.Refs);
        RefuseSize(push.App, request.Refs);

        if (DeployedBy(push.App, request.Refs) is not { Branch: { } branch } update)
        {
            SayStored(push.App.DeployBranch, request.Refs, reply);
            return true;
        }

        using var untilTurn = CancellationTokenSource.CreateLinkedTokenSource(push.ClientGone, stopping);
        var tree = await checkout.InspectAsync(push, request, update.New, reply.Say, untilTurn.Token);
        push.Hold(await deploys.TakeTurnAsync(push.App.Id, reply.Say, untilTurn.Token));
        untilTurn.Token.ThrowIfCancellationRequested();

        var app = access.FindAppById(push.App.Id)
            ?? throw new UserError("app_not_found", 404, $"The app '{push.App.Name}' was destroyed while you waited.");
        if (DeployedBy(app, request.Refs) != update)
        {
            throw new UserError("deploy_branch_changed", 409, $"The deploy branch became '{app.DeployBranch}' while you waited, so '{branch}' was not deployed: push again.");
        }

        if (await repositories.ReadRefAsync(app.Id, update.Name, stopping) != update.Old)
        {
            throw new UserError("branch_moved", 409, $"{branch} moved while you waited: pull and push again.");
        }

        if (!await GoLiveAsync(push, app, request, tree, branch, reply, stopping))
        {
            reply.Say(request.Refs.Count > 1 ? $"Push rejected: none of its {request.Refs.Count} branches and tags was stored."
                : update.Old == RefUpdate.None ? $"Push rejected: '{branch}' was not stored."
                : $"Push rejected: '{branch}' stays at {update.Old[..7]}.");
            return false;
        }

        if (app.DeployBranch is null)
        {
            access.SetDeployBranch(app.Id, branch);
        }

        SayStored(branch, request.Refs, reply);
        return true;
    }

    private async Task<bool> GoLiveAsync(Push push, App app, HookRequest request, SourceTree tree, string branch, HookReply reply, CancellationToken stopping)
    {
        // Control went away between the switch and git's move of the branch: the release is there, only the branch is not.
        if (deploys.LiveReleaseOf(app, tree.Commit) is { } release)
        {
            reply.Say($"Commit {tree.Commit[..7]} is already live as v{release}.");
            return true;
        }

        try
        {
            // From here on the deploy goes on even when the person's git goes away, as on Heroku.
            var source = await checkout.WriteAsync(push, request, tree, branch, stopping);
            var result = await deploys.PushAsync(app with { DeployBranch = branch }, source, push.Caller.Name, reply.Say, stopping);
            if (result.Sentence != reply.Last)
            {
                reply.Say(result.Sentence);
            }

            return result is DeployResult.Live;
        }
        finally
        {
            checkout.Remove(push);
        }
    }

    /// <summary>The ref whose move is a deploy, or null. The first of main or master ever pushed becomes the deploy branch.</summary>
    private static RefUpdate? DeployedBy(App app, IReadOnlyList<RefUpdate> refs)
    {
        var candidates = app.DeployBranch is { } chosen ? [chosen] : FirstDeployBranches;
        return candidates.Select(branch => refs.FirstOrDefault(update => update.Branch == branch && !update.IsDelete)).FirstOrDefault(update => update is not null);
    }

    private static void RefuseDeletion(App app, IReadOnlyList<RefUpdate> refs)
    {
        if (app.DeployBranch is { } branch && refs.Any(update => update.IsDelete && update.Branch == branch))
        {
            throw new UserError("deploy_branch_deleted", 409, $"'{branch}' is the deploy branch of {app.Name} and cannot be deleted. To end the app: paas apps destroy {app.Name}");
        }
    }

    private void RefuseSize(App app, IReadOnlyList<RefUpdate> refs)
    {
        if (refs.Any(update => !update.IsDelete) && repositories.SizeOf(app.Id) is var size && size > options.Value.MaxRepositorySize)
        {
            throw new UserError("repository_too_large", 413, $"With this push the repository of {app.Name} would have {GitOptions.Show(size)}; the limit is {GitOptions.Show(options.Value.MaxRepositorySize)}. Take large files out of the history (git filter-repo) and push again.");
        }
    }

    private static void SayStored(string? deployBranch, IReadOnlyList<RefUpdate> refs, HookReply reply)
    {
        var stored = refs.Where(update => !update.IsDelete).Select(update => update.Branch).OfType<string>().Where(branch => branch != deployBranch).Select(Printable.Show).ToList();
        if (stored.Count > 0)
        {
            var names = stored.Count == 1 ? $"branch '{stored[0]}'" : $"branches {string.Join(", ", stored.Select(branch => $"'{branch}'"))}";
            var rule = deployBranch is null ? "Nothing is deployed before main or master is pushed" : $"Only '{deployBranch}' is deployed";

            // People copy commands into a shell, and a branch may be called "$(reboot)".
            var example = Plain.IsMatch(stored[0]) ? stored[0] : "<branch>";
            reply.Say($"Stored {names}. {rule}; to deploy {(stored.Count == 1 ? "this branch" : "one of them")}: git push <remote> {example}:{deployBranch ?? "main"}");
        }
    }
}
