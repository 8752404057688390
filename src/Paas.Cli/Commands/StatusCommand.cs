using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>status: how the platform does.</summary>
internal static class StatusCommand
{
    public static Verb Make(Surroundings surroundings) =>
        new Verb("status", "How the platform does", "paas status", "paas status --json").Runs(surroundings, PrintAsync);

    private static async Task PrintAsync(Call call, CancellationToken cancellationToken)
    {
        var status = await call.Client.StatusAsync(cancellationToken);
        call.Show(status, ContractJson.Default.StatusView, view =>
        {
            call.Print($"platform   {Platforms.Text(call.Client.Platform)} (version {view.Version}, started {Words.Ago(view.StartedAt, call.Now)})");
            call.Print($"state      {view.State}: {view.Sentence}");
            call.Print($"apps       {Words.Number(view.Apps)}");
            call.Print($"instances  {Words.Number(view.Instances)}");
            call.Print($"engine     {view.Engine} ({view.Runtime})");
            foreach (var note in view.Notes)
            {
                call.Print($"note       {note}");
            }
        });
    }
}
