using Paas.Client;

namespace Paas.Dashboard.Pages.Config;

/// <summary>What the config room shows; no values but of vars that are marked plain.</summary>
public sealed record ConfigModel(AppView App, IReadOnlyDictionary<string, ConfigVarView> Vars, IReadOnlyList<string> Running)
{
    public static async Task<ConfigModel> LoadAsync(PaasClient client, string name, CancellationToken cancellationToken)
    {
        var app = client.AppAsync(name, cancellationToken);
        var vars = client.ConfigAsync(name, cancellationToken);
        var formation = client.FormationAsync(name, cancellationToken);
        await Task.WhenAll(app, vars, formation);
        return new ConfigModel(
            await app,
            new SortedDictionary<string, ConfigVarView>((await vars).ToDictionary(item => item.Name, StringComparer.Ordinal), StringComparer.Ordinal),
            [.. (await formation).Where(item => item.Count > 0).Select(item => item.Type)]);
    }

    /// <summary>"Saving makes release v13 and restarts web and worker.": what a change of config costs.</summary>
    public string Effect => App.Release is null
        ? "Nothing runs yet: the change is kept for the first push."
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Saving makes release v{(App.LastDeploy?.Number ?? 0) + 1}{(Running.Count == 0 ? "; nothing runs, so nothing restarts." : $" and restarts {And(Running)}, new instances beside the old ones.")}");

    private static string And(IReadOnlyList<string> words) => words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
}
