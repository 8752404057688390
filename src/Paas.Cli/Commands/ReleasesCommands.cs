using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>releases, releases info, releases diff, releases sbom, releases containing, rollback.</summary>
internal static class ReleasesCommands
{
    private static readonly Argument<string> Number = new("release") { Description = "Such as v12" };
    private static readonly Argument<string?> From = new("from") { Description = "The release to compare with; without it, the one before that served", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string?> Target = new("release") { Description = "Such as v12; without it, the good one before the current", Arity = ArgumentArity.ZeroOrOne };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("releases", "The app's releases, newest first", "paas releases", "paas releases --json").Runs(surroundings, ListAsync)
            .With(
                new Verb("info", "Show one release", "paas releases info v12").With(Number).Runs(surroundings, InfoAsync),
                new Verb("diff", "What differs between two releases", "paas releases diff v12", "paas releases diff v12 v9").With(Number, From).Runs(surroundings, DiffAsync),
                ReleaseContents.Sbom(surroundings),
                ReleaseContents.Containing(surroundings)),
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
            call.Print($"image        {view.Image}{(view.ImageRemovedAt is { } removed ? $" (removed by retention {Words.Ago(removed, call.Now)}: it cannot be rolled back to)" : "")}");
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

    private static async Task DiffAsync(Call call, CancellationToken cancellationToken)
    {
        var number = SizeText.ParseNumber(call.Value(Number)!, "paas releases diff v12");
        var from = call.Value(From) is { } text ? SizeText.ParseNumber(text, "paas releases diff v12 v9") : (int?)null;
        var changes = await call.Client.ReleaseChangesAsync(await call.AppAsync(cancellationToken), number, from, cancellationToken);
        call.Show(changes, ContractJson.Default.ReleaseChanges, view =>
        {
            call.Print(view.From is { } other ? $"From {Words.Version(other)} to {Words.Version(number)}:" : $"{Words.Version(number)}, the first that served:");
            foreach (var (name, change) in view.Config)
            {
                call.Print($"config   {change,-8} {name}");
            }

            foreach (var (type, before, after) in view.Processes)
            {
                call.Print($"command  {type}: {before ?? "(none)"} -> {after ?? "(none)"}");
            }

            PrintCode(call, view);
        });
    }

    private static void PrintCode(Call call, ReleaseChanges view)
    {
        if (view.Code is not { } code)
        {
            call.Print(view.ImageChanged ? "code     the image is another one; its commits are not known or the same" : "code     the same");
            return;
        }

        call.Print($"code     {Words.Short(code.From)} -> {Words.Short(code.To)}{(code.Note is { } note ? $": {note}" : "")}");
        foreach (var (sign, commits) in new[] { ('+', code.Commits), ('-', code.Undone) })
        {
            foreach (var commit in commits)
            {
                call.Print($"  {sign} {Words.Short(commit.Commit)} {commit.Message} ({commit.Author})");
            }
        }

        foreach (var file in code.Files)
        {
            call.Print($"  {file.Path}  {(file is { Added: { } added, Removed: { } removed } ? $"+{added} -{removed}" : "not text")}");
        }

        if (code.FilesTotal > code.Files.Count)
        {
            call.Print($"  and {code.FilesTotal - code.Files.Count} more files");
        }
    }

    private static async Task RollBackAsync(Call call, CancellationToken cancellationToken)
    {
        var number = call.Value(Target) is { } text ? SizeText.ParseNumber(text, "paas rollback v12") : (int?)null;
        var app = await call.AppAsync(cancellationToken);
        call.Say(await call.WorkingAsync($"Rolling back {app}", call.Client.RollBackAsync(app, number, cancellationToken), cancellationToken));
    }

    private static string State(ReleaseView release) => release.Current ? "live" : release.ImageRemovedAt is not null ? "image removed" : release.Good ? "good" : "never served";
}
