using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>registry gc, registry usage.</summary>
internal static class CollectionCommands
{
    private const int MostItems = 50;
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say what would go" };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("gc", "Remove what no tag, release or push needs; the platform does it every hour by itself", "paas registry gc --dry-run", "paas registry gc").With(DryRun).Runs(surroundings, CollectAsync),
        new Verb("usage", "What images take, and what is left of the disk", "paas registry usage", "paas registry usage --json").Runs(surroundings, UsageAsync),
    ];

    /// <returns>Refused when it had to stop: nothing more was removed then, and somebody has to look.</returns>
    private static async Task<int> CollectAsync(Call call, CancellationToken cancellationToken)
    {
        var dryRun = call.Value(DryRun);
        var collection = await call.WorkingAsync(dryRun ? "Looking for what nothing needs" : "Removing what nothing needs", call.Client.CollectRegistryAsync(dryRun, cancellationToken), cancellationToken);
        call.Show(collection, ContractJson.Default.CollectionView, view =>
        {
            PrintItems(call, view.Items);
            call.Print(view.Sentence);
            if (view.Held is { Count: > 0, Until: { } until } held)
            {
                call.Print($"Another {Words.Bytes(held.Bytes)} is not needed either, but stays until {until.ToUniversalTime():yyyy-MM-dd HH:mm} UTC at the latest: a push may be about to name it.");
            }
        });
        return collection.Outcome == "stopped" ? ExitCodes.Refused : ExitCodes.Ok;
    }

    private static void PrintItems(Call call, IReadOnlyList<CollectedItemView> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        var table = call.Table("KIND", "REPOSITORY", "NAME", "SIZE", "WHY");
        foreach (var item in items.Take(MostItems))
        {
            table.Row(item.Kind, item.Repository, item.Name.Contains(':', StringComparison.Ordinal) ? Words.Short(item.Name) : item.Name, item.Bytes == 0 ? "" : Words.Bytes(item.Bytes), item.Reason);
        }

        table.Print("");
        if (items.Count > MostItems)
        {
            call.Print($"and {Words.Number(items.Count - MostItems)} more: see them with --json");
        }
    }

    private static async Task UsageAsync(Call call, CancellationToken cancellationToken)
    {
        var usage = await call.Client.RegistryUsageAsync(cancellationToken);
        call.Show(usage, ContractJson.Default.RegistryUsageView, view =>
        {
            call.Print($"images     {Words.Bytes(view.Size)} in {Words.Number(view.Repositories)} {(view.Repositories == 1 ? "repository" : "repositories")}, each layer counted once");
            call.Print($"disk       {Words.Bytes(view.DiskFree)} free of {Words.Bytes(view.DiskSize)}");
            call.Print($"host       {view.Host}");
            if (view.Apps.Count > 0)
            {
                call.Print("");
                var table = call.Table("APP", "IMAGES", "OF THAT SHARED", "UNPACKED");
                foreach (var app in view.Apps)
                {
                    table.Row(app.App, Words.Bytes(app.Size), Words.Bytes(app.Shared), Words.Bytes(app.Unpacked));
                }

                table.Print("");
            }
        });
    }
}
