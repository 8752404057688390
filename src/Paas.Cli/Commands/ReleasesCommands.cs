using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>releases, releases info, rollback.</summary>
internal static class ReleasesCommands
{
    private static readonly Argument<string> Number = new("release") { Description = "Such as v12" };
    private static readonly Argument<string?> Target = new("release") { Description = "Such as v12; without it, the good one before the current", Arity = ArgumentArity.ZeroOrOne };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("releases", "The app's releases, newest first", "paas releases", "paas releases --json").Runs(surroundings, ListAsync)
            .With(new Verb("info", "Show one release", "paas releases info v12").With(Number).Runs(surroundings, InfoAsync)),
        new Verb("rollback", "Make a new release from an older one's image and config", "paas rollback", "paas rollback v12").With(Target).Runs(surroundings, RollBackAsync),
    ];

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var releases = await call.Client.ReleasesAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(releases, ContractJson.Default.IReadOnlyListReleaseView, views =>
        {
            var table = call.Table("RELEASE", "STATE", "COMMIT", "BY", "CREATED", "WHAT CHANGED");
            foreach (var view in views)
            {
                table.Row(Words.Version(view.Number), State(view), Words.Short(view.Commit), view.Actor, Words.Ago(view.CreatedAt, call.Now), view.Description);
            }

            table.Print("There is no release yet. Make one with: git push paas main");
        });
    }

    private static async Task InfoAsync(Call call, CancellationToken cancellationToken)
    {
        var number = SizeText.ParseNumber(call.Value(Number)!, "paas releases info v12");
        var release = await call.Client.ReleaseAsync(await call.AppAsync(cancellationToken), number, cancellationToken);
        call.Show(release, ContractJson.Default.ReleaseView, view =>
        {
            call.Print($"release      {Words.Version(view.Number)} ({State(view)})");
            call.Print($"what         {view.Description} by {view.Actor}, {Words.Ago(view.CreatedAt, call.Now)}");
            call.Print($"image        {view.Image}");
            if (view.Commit is not null)
            {
                call.Print($"commit       {view.Commit}");
            }

            foreach (var (type, command) in view.Processes)
            {
                call.Print($"process      {type}: {command}");
            }

            call.Print($"config vars  {(view.ConfigNames.Count == 0 ? "none" : string.Join(", ", view.ConfigNames))}");
        });
    }

    private static async Task RollBackAsync(Call call, CancellationToken cancellationToken)
    {
        var number = call.Value(Target) is { } text ? SizeText.ParseNumber(text, "paas rollback v12") : (int?)null;
        var app = await call.AppAsync(cancellationToken);
        call.Say(await call.WorkingAsync($"Rolling back {app}", call.Client.RollBackAsync(app, number, cancellationToken), cancellationToken));
    }

    private static string State(ReleaseView release) => release.Current ? "live" : release.Good ? "good" : "never served";
}
