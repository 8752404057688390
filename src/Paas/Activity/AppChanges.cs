using Paas.Apps;
using Paas.Client;

namespace Paas.Activity;

/// <summary>Writes down what somebody did to an app, and tells the team's readers.</summary>
internal sealed class AppChanges(ActivityLog log, Events events, DescribeApp describe)
{
    public Task TellAsync(AppChange change, CancellationToken cancellationToken)
    {
        var app = change.App;
        log.Record(app.TeamId, app.Id, change.Actor, change.Action, change.Text);
        if ((change.Action == "app.destroyed" ? app.Name : change.FormerName) is { } gone)
        {
            events.Publish(new EventView("app.gone", gone, null, null, null, null) { NewName = change.FormerName is null ? null : app.Name }, app.TeamId);
        }

        if (change.Action is not ("app.destroyed" or "config.revealed"))
        {
            events.Publish(new EventView("app", app.Name, describe(app), null, null, null), app.TeamId);
        }

        return Task.CompletedTask;
    }
}
