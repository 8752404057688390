using System.Globalization;
using Paas.Apps;
using Paas.Client;
using Paas.Instances;
using Paas.Releases;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Changes of what runs without a push: config vars, rollback, restart, scale. Each takes the app's turn;
/// one that fails leaves everything as it was.</summary>
/// <remarks>A client that goes away leaves the queue, but not a change that is under way: that goes on, as a push does.</remarks>
public sealed class Changes(
    DeployQueue queue, Deploy deploy, AppStore apps, ReleaseStore releases, RolloutStore rollouts, Rollout rollout, Resize resize,
    IEnumerable<AppChanged> followers, IHostApplicationLifetime lifetime)
{
    /// <summary>The platform stops: what has a release is resumed by the next control.</summary>
    private CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>One release for all of the vars; before the first push they are only kept.</summary>
    /// <exception cref="UserError">A rule on vars, or config_not_live: the new release did not come up.</exception>
    public async Task<ChangeView> ConfigAsync(App app, UpdateConfig update, string actor, CancellationToken cancellationToken)
    {
        await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        app = Now(app);
        var before = apps.ConfigVars(app.Id);
        ConfigUpdates.CheckVersions(before, update, item => apps.VersionOf(app.Id, item));
        var after = ConfigUpdates.Apply(before, update);
        if (after.SequenceEqual(before))
        {
            return new ChangeView(null, "Nothing changed.");
        }

        if (CurrentOf(app) is not { } current)
        {
            apps.ReplaceConfigVars(app.Id, after);
            await TellAsync(app, actor, "config.changed", $"{Describe(update)}: kept for the first release.");
            return new ChangeView(null, "Kept for the first release.");
        }

        var description = Describe(update);
        var draft = new ReleaseDraft(current.Image, after, current.Processes, description, current.Commit, actor) { Run = current.Run };
        var result = await deploy.ReleaseAsync(app, DeployCause.Config, draft, static _ => { }, Stopping);
        return Said(result, "config_not_live", $"{description}:");
    }

    /// <param name="number">Null: the good release before the current one.</param>
    /// <exception cref="UserError">rollback_impossible, release_not_found, or rollback_not_live.</exception>
    public async Task<ChangeView> RollBackAsync(App app, int? number, string actor, CancellationToken cancellationToken)
    {
        await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        app = Now(app);
        var current = CurrentOf(app) ?? throw new UserError("rollback_impossible", 409, "Nothing has been deployed yet, so there is nothing to roll back to.");
        var target = number is { } wanted
            ? releases.Find(app.Id, wanted) ?? throw new UserError("release_not_found", 404, string.Create(CultureInfo.InvariantCulture, $"There is no release v{wanted} of {app.Name}. See them with: paas releases"))
            : releases.List(app.Id, 1000).FirstOrDefault(item => item is { Good: true, ArchivedAt: null } && item.Number < current.Number && item.Image != current.Image)
              ?? releases.List(app.Id, 1000).FirstOrDefault(item => item is { Good: true, ArchivedAt: null } && item.Number < current.Number)
              ?? throw new UserError("rollback_impossible", 409, $"{app.Name} has no good release before {current.Tag}.");
        if (!target.Good)
        {
            throw new UserError("rollback_impossible", 409, $"{target.Tag} never served: choose a release that did. See them with: paas releases");
        }

        if (target.ArchivedAt is { } archived)
        {
            var again = target switch
            {
                { Commit: { } commit } => $"Push its commit again: git push --force paas {commit[..7]}:main",
                { Run.Reference: { } image } => $"Deploy its image again: paas deploy --image {image}",
                _ => "Deploy its image again.",
            };
            throw new UserError("release_archived", 409, string.Create(CultureInfo.InvariantCulture, $"The image of {target.Tag} was removed on {archived:yyyy-MM-dd}, because only the newest releases keep theirs. {again}"));
        }

        if (target.Number == current.Number)
        {
            return new ChangeView(null, $"{target.Tag} serves already.");
        }

        var draft = new ReleaseDraft(target.Image, target.Config, target.Processes, $"Roll back to {target.Tag}", target.Commit, actor) { Run = target.Run };
        var result = await deploy.ReleaseAsync(app, DeployCause.Rollback, draft, static _ => { }, Stopping);
        return Said(result, "rollback_not_live", $"Roll back to {target.Tag}:");
    }

    /// <summary>New instances of the release that serves, beside the old ones.</summary>
    /// <exception cref="UserError">nothing_deployed or restart_failed.</exception>
    public async Task<ChangeView> RestartAsync(App app, string actor, CancellationToken cancellationToken)
    {
        await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        app = Now(app);
        var current = CurrentOf(app) ?? throw NothingDeployed(app);
        await RollAsync(app, current, "restart_failed", Stopping);
        await TellAsync(app, actor, "app.restarted", $"Restarted {app.Name}");
        return new ChangeView(null, $"Restarted {app.Name}.");
    }

    /// <summary>Count and size of process types.</summary>
    /// <exception cref="UserError">process_type_unknown, scale_invalid or scale_failed.</exception>
    public async Task<ChangeView> ScaleAsync(App app, IReadOnlyList<ScaleProcess> wishes, string actor, CancellationToken cancellationToken)
    {
        await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        app = Now(app);
        var current = CurrentOf(app);
        var before = apps.FormationOf(app.Id);
        var wanted = wishes.Select(wish => Resized(ProcessSpecs.FormationOf(wish.Type, before), wish)).ToList();
        if (current is not null && wanted.FirstOrDefault(item => !current.Types.Contains(item.Type)) is { } unknown)
        {
            throw new UserError("process_type_unknown", 404, $"{current.Tag} has no process type '{unknown.Type}': it has {string.Join(", ", current.Types)}.");
        }

        if (current is null)
        {
            wanted.ForEach(item => apps.SetFormation(app.Id, item));
            return new ChangeView(null, "Kept for the first release.");
        }

        if (wanted.Any(item => item with { Count = 0 } != ProcessSpecs.FormationOf(item.Type, before) with { Count = 0 }))
        {
            await ResizeByRollingAsync(app, current, before, wanted, Stopping);
        }
        else
        {
            foreach (var item in wanted)
            {
                if (await resize.RunAsync(app, current, rollouts.CurrentOf(app.Id)!, item, Stopping) is { } sentence)
                {
                    throw new UserError("scale_failed", 422, sentence);
                }
            }
        }

        var said = string.Join(", ", wanted.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Type} runs {item.Count} at {item.MemoryMb} MB")));
        await TellAsync(app, actor, "app.scaled", $"Scaled: {said}");
        return new ChangeView(null, $"{said}.");
    }

    /// <summary>Done is done: who follows is told even if the platform stops now.</summary>
    private async Task TellAsync(App app, string actor, string action, string text)
    {
        foreach (var follower in followers)
        {
            await follower(new AppChange(app, actor, action, text), CancellationToken.None);
        }
    }

    /// <summary>Another size needs new instances: the formation is set first and put back when they do not come up.</summary>
    private async Task ResizeByRollingAsync(App app, Release current, IReadOnlyList<Formation> before, List<Formation> wanted, CancellationToken cancellationToken)
    {
        wanted.ForEach(item => apps.SetFormation(app.Id, item));
        try
        {
            await RollAsync(app, current, "scale_failed", cancellationToken);
        }
        catch
        {
            wanted.ForEach(item => apps.SetFormation(app.Id, ProcessSpecs.FormationOf(item.Type, before)));
            throw;
        }
    }

    private async Task RollAsync(App app, Release release, string code, CancellationToken cancellationToken)
    {
        switch (await rollout.RunAsync(app, release, static _ => { }, static () => { }, cancellationToken))
        {
            case RolloutResult.Unhealthy(var sentence):
                throw new UserError(code, 422, $"{sentence} The instances from before go on serving.");
            case RolloutResult.NotRouted(var sentence):
                throw new UserError(code, 503, sentence);
        }
    }

    /// <summary>It may have been renamed, changed or destroyed while its turn was waited for.</summary>
    private App Now(App app) => apps.Find(app.Id) ?? throw new UserError("app_not_found", 404, $"The app '{app.Name}' was destroyed while this waited.");

    private Release? CurrentOf(App app) => rollouts.CurrentOf(app.Id) is { } row ? releases.Find(app.Id, row.Release) : null;

    private static ChangeView Said(DeployResult result, string code, string what) => result is DeployResult.Live live
        ? new ChangeView(live.Release, $"{what} {live.Sentence}")
        : throw new UserError(code, 422, $"{what} {result.Sentence}");

    private static string Describe(UpdateConfig update)
    {
        var set = update.Vars.Where(item => item.Value is not null).Select(item => item.Key).ToList();
        var unset = update.Vars.Where(item => item.Value is null).Select(item => item.Key).ToList();
        var marked = (update.Marks ?? new Dictionary<string, ConfigMarks>()).Keys.Where(name => !update.Vars.ContainsKey(name)).ToList();
        return string.Join(", ", new[] { Words("Set", set), Words("Unset", unset), Words("Changed the scope or mark of", marked) }.OfType<string>());

        // A whole .env may have hundreds; the release itself lists them all.
        static string? Words(string what, List<string> names) => names.Count switch
        {
            0 => null,
            <= 20 => $"{what} {string.Join(" ", names)}",
            _ => $"{what} {string.Join(" ", names.Take(20))} and {names.Count - 20} more",
        };
    }

    private static Formation Resized(Formation before, ScaleProcess wish)
    {
        var after = before with { Count = wish.Count ?? before.Count, MemoryMb = wish.MemoryMb ?? before.MemoryMb };
        FormationRules.Check(after);
        return after;
    }

    private static UserError NothingDeployed(App app) => new("nothing_deployed", 409, $"Nothing has been deployed to {app.Name} yet: push first.");
}
