using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>deploys, and deploys info, log, cancel.</summary>
internal static class DeploysCommand
{
    private static readonly Argument<string> Number = new("number") { Description = "The deploy" };
    private static readonly Argument<string?> MaybeNumber = new("number") { Description = "The deploy; without it, the newest (log) or the running one (cancel)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Follow a running deploy to its end; without it, what is there now" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("deploys", "The app's deploys, newest first", "paas deploys", "paas deploys --json").Runs(surroundings, ListAsync).With(
            new Verb("info", "Show one deploy and how long its phases took", "paas deploys info 12").With(Number).Runs(surroundings, InfoAsync),
            new Verb("log", "The deploy's log", "paas deploys log", "paas deploys log 12", "paas deploys log -f").With(MaybeNumber, Follow).Runs(surroundings, LogAsync),
            new Verb("cancel", "Cancel a running deploy", "paas deploys cancel", "paas deploys cancel 12").With(MaybeNumber).Runs(surroundings, CancelAsync));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var deploys = await call.Client.DeploysAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(deploys, ContractJson.Default.IReadOnlyListDeployView, views =>
        {
            var table = call.Table("DEPLOY", "STATE", "CAUSE", "COMMIT", "BY", "STARTED", "TOOK", "WHAT HAPPENED");
            foreach (var view in views)
            {
                table.Row(Words.Version(view.Number), view.State, view.Cause, Words.Short(view.Commit), view.Actor, Words.Ago(view.StartedAt, call.Now), Took(view), view.Sentence ?? view.Message);
            }

            table.Print("Nothing was deployed yet. Deploy with: git push paas main");
        });
    }

    private static async Task InfoAsync(Call call, CancellationToken cancellationToken)
    {
        var number = SizeText.ParseNumber(call.Value(Number)!, "paas deploys info 12");
        var deploy = await call.Client.DeployAsync(await call.AppAsync(cancellationToken), number, cancellationToken);
        call.Show(deploy, ContractJson.Default.DeployView, view =>
        {
            call.Print($"deploy   {Words.Version(view.Number)} ({view.Cause} by {view.Actor}, {Words.Ago(view.StartedAt, call.Now)})");
            call.Print($"state    {view.State}{(view.Sentence is { } sentence ? $": {sentence}" : "")}");
            if (view.Commit is not null)
            {
                call.Print($"commit   {Words.Short(view.Commit)} {view.Message} ({view.Branch})");
            }

            foreach (var phase in view.Phases)
            {
                call.Print($"{phase.Name,-12} {(phase.Seconds is { } seconds ? Words.Seconds(seconds) : "running")}");
            }
        });
    }

    private static async Task LogAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var number = call.Value(MaybeNumber) is { } text
            ? SizeText.ParseNumber(text, "paas deploys log 12")
            : (await call.Client.DeploysAsync(app, cancellationToken)) is [var newest, ..] ? newest.Number : throw new CliError(ExitCodes.Refused, $"Nothing was deployed to {app} yet, so there is no log.");
        var lines = new List<DeployLogLine>();
        await foreach (var item in call.Client.DeployLogAsync(app, number, follow: call.Value(Follow), cancellationToken: cancellationToken))
        {
            if (call.Json)
            {
                lines.Add(item.Data);
            }
            else
            {
                call.Print(item.Data.Text);
            }
        }

        if (call.Json)
        {
            call.Print(JsonText.Of<IReadOnlyList<DeployLogLine>>(lines, ContractJson.Default.IReadOnlyListDeployLogLine));
        }
    }

    private static async Task CancelAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var number = call.Value(MaybeNumber) is { } text
            ? SizeText.ParseNumber(text, "paas deploys cancel 12")
            : (await call.Client.DeploysAsync(app, cancellationToken)).FirstOrDefault(item => item.EndedAt is null)?.Number
              ?? throw new CliError(ExitCodes.Refused, $"No deploy of {app} is running, so there is nothing to cancel.");
        var deploy = await call.Client.CancelDeployAsync(app, number, cancellationToken);
        call.Show(deploy, ContractJson.Default.DeployView, view => call.Print($"Cancelled deploy {Words.Version(view.Number)} of {app}."));
    }

    private static string Took(DeployView deploy) => deploy.EndedAt is { } ended ? Words.Seconds((ended - deploy.StartedAt).TotalSeconds) : "";
}
