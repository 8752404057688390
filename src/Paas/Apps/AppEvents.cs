using Paas.Client;

namespace Paas.Apps;

/// <summary>What people see of an app, with the state that the slices above know.</summary>
public delegate AppView DescribeApp(App app);

/// <summary>What an app's builds find under platform/bindings, decrypted.</summary>
public delegate IReadOnlyList<Binding> BindingsOf(App app);

/// <summary>Whether a team has the buildpacks that an app's settings are to name.</summary>
/// <exception cref="State.UserError">buildpack_not_found.</exception>
public delegate void CheckBuildpacks(long teamId, IReadOnlyList<BuildpackName> names);

/// <summary>Moves an app's data to trash/&lt;app id&gt; and stops what is its own. Every slice that keeps something per app registers one;
/// it is called again after a crash, so "already gone" is success.</summary>
/// <param name="app">Under the name that it had.</param>
public delegate Task AppDestroyed(App app, CancellationToken cancellationToken);

/// <summary>Somebody changed an app. Every slice that must follow (routes, activity, events) registers one.</summary>
public delegate Task AppChanged(AppChange change, CancellationToken cancellationToken);

/// <param name="App">As it is now; after app.destroyed as it was.</param>
/// <param name="Actor">User name, or "platform".</param>
/// <param name="Action">app.created, app.renamed, app.changed, app.destroyed, app.restarted, app.scaled, config.changed, config.revealed, domain.added or
/// domain.removed.</param>
/// <param name="Text">A sentence for people; no secrets.</param>
/// <param name="FormerName">Before a rename; null otherwise.</param>
public sealed record AppChange(App App, string Actor, string Action, string Text, string? FormerName = null);

/// <summary>Tells the slices that registered.</summary>
internal sealed class AppEvents(IEnumerable<AppChanged> changed, IEnumerable<AppDestroyed> destroyed, AppStore apps)
{
    public async Task TellAsync(AppChange change, CancellationToken cancellationToken)
    {
        foreach (var handler in changed)
        {
            await handler(change, cancellationToken);
        }
    }

    /// <summary>Every slice moves the app's data; what fails here is tried again at the next start.</summary>
    public async Task SettleAsync(App app, CancellationToken cancellationToken)
    {
        foreach (var handler in destroyed)
        {
            await handler(app, cancellationToken);
        }

        apps.Settle(app.Id);
    }
}
