using Paas.Client;

namespace Paas.Dashboard.Pages;

/// <summary>Who did what, newest first.</summary>
/// <param name="More">There may be older entries.</param>
public sealed record ActivityModel(IReadOnlyList<ActivityView> Items, bool More)
{
    public const int Part = 50;

    /// <param name="app">Null: of the whole team.</param>
    /// <param name="shown">How many are shown already: as many are loaded again.</param>
    public static async Task<ActivityModel> LoadAsync(PaasClient client, string? app, int shown, CancellationToken cancellationToken)
    {
        var num = Math.Clamp(shown, Part, 500);
        var items = await client.TeamActivityAsync(app, null, num, cancellationToken);
        return new ActivityModel(items, items.Count == num);
    }

    public async Task<ActivityModel> WithOlderAsync(PaasClient client, string? app, CancellationToken cancellationToken)
    {
        var older = await client.TeamActivityAsync(app, Items[^1].Id, Part, cancellationToken);
        return new ActivityModel([.. Items, .. older], older.Count == Part);
    }
}
