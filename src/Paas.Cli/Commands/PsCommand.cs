using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>ps, and ps scale, restart, stop.</summary>
internal static class PsCommand
{
    private static readonly Argument<string[]> Counts = new("type=count") { Description = "How many of which process type", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Memory = new("--memory") { Description = "Limit of each instance of these types", HelpName = "SIZE" };
    private static readonly Argument<string?> Type = new("type") { Description = "Process type; all when left out", Arity = ArgumentArity.ZeroOrOne };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("ps", "The app's instances", "paas ps", "paas ps --app myapp --json").Runs(surroundings, ListAsync).With(
            new Verb("scale", "Set how many instances run, and their memory", "paas ps scale web=2", "paas ps scale web=2 worker=1 --memory 1G").With(Counts, Memory).Runs(surroundings, ScaleAsync),
            new Verb("restart", "Start new instances beside the old ones, then stop these", "paas ps restart").Runs(surroundings, RestartAsync),
            new Verb("stop", "Scale a process type to 0, or all of them", "paas ps stop worker", "paas ps stop").With(Type).Runs(surroundings, StopAsync));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var instances = await call.Client.InstancesAsync(app, cancellationToken);
        call.Show(instances, ContractJson.Default.IReadOnlyListInstanceView, views =>
        {
            var table = call.Table("INSTANCE", "STATE", "RELEASE", "MEMORY", "RESTARTS", "WHAT IT DOES");
            foreach (var view in views)
            {
                var memory = view.MemoryMb is { } used ? $"{Words.Megabytes(used)} of {Words.Megabytes(view.MemoryLimitMb)}" : "";
                table.Row(view.Name, view.State, Words.Version(view.Release), memory, Words.Number(view.Restarts), view.Sentence);
            }

            table.Print($"Nothing of {app} runs. Start instances with: paas ps scale web=1 --app {app}");
        });
    }

    private static async Task ScaleAsync(Call call, CancellationToken cancellationToken)
    {
        var memory = call.Value(Memory) is { } size ? SizeText.ParseMegabytes(size) : (int?)null;
        var wishes = call.Value(Counts)!.Select(SizeText.ParseScale).Select(item => new ScaleProcess(item.Type, item.Count, memory)).ToList();
        if (wishes.GroupBy(wish => wish.Type, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw CliError.Usage($"{twice.Key} is named twice. Say once how many of it run.");
        }

        await SendAsync(call, await call.AppAsync(cancellationToken), wishes, "Scaling", cancellationToken);
    }

    private static async Task RestartAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        call.Say(await call.WorkingAsync($"Restarting {app}", call.Client.RestartAsync(app, cancellationToken), cancellationToken));
    }

    private static async Task StopAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var types = call.Value(Type) is { } one ? [one] : (await call.Client.FormationAsync(app, cancellationToken)).Where(item => item.Count > 0).Select(item => item.Type).ToList();
        if (types.Count == 0)
        {
            call.Say(new ChangeView(null, $"Nothing of {app} runs."));
            return;
        }

        await SendAsync(call, app, [.. types.Select(type => new ScaleProcess(type, 0, null))], "Stopping", cancellationToken);
    }

    private static async Task SendAsync(Call call, string app, IReadOnlyList<ScaleProcess> wishes, string doing, CancellationToken cancellationToken) =>
        call.Say(await call.WorkingAsync($"{doing} {app}", call.Client.ScaleAsync(app, wishes, cancellationToken), cancellationToken));
}
