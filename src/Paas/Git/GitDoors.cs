using Paas.Accounts;
using Paas.Apps;
using Paas.Builds;
using Paas.Deploys;

namespace Paas.Git;

/// <summary>What the push receiver asks of Accounts and Apps; bound in <see cref="GitSetup"/>.</summary>
/// <param name="Authenticate">Null: the token is unknown or revoked.</param>
/// <param name="TeamName">For sentences.</param>
/// <param name="FindApp">By team and name; null when the team has no such app.</param>
/// <param name="FindAppById">As it is now; null when it was destroyed.</param>
internal sealed record GitAccess(
    Func<string, Caller?> Authenticate,
    Func<long, string> TeamName,
    Func<long, string, App?> FindApp,
    Func<long, App?> FindAppById,
    Action<long, string> SetDeployBranch);

/// <summary>What the push receiver asks of Deploys; bound in <see cref="GitSetup"/>.</summary>
/// <param name="TakeTurnAsync">The app's turn; the action is called once with a sentence when it has to be waited for.</param>
/// <param name="LiveReleaseOf">The release that serves this commit with today's config, or null.</param>
/// <param name="PushAsync">App, source, who pushed, each line for the terminal; the deploy owns the source's directory.</param>
internal sealed record GitDeploys(
    Func<long, Action<string>?, CancellationToken, Task<IAsyncDisposable>> TakeTurnAsync,
    Func<App, string, int?> LiveReleaseOf,
    Func<App, Source, string, Action<string>, CancellationToken, Task<DeployResult>> PushAsync);
