using Paas.Client;

namespace Paas.Dashboard.Pages.Instances;

/// <summary>What the instances room shows: types that the release has or that were scaled, with what runs of each.</summary>
public sealed record InstancesModel(AppView App, IReadOnlyList<FormationView> Formation, ILookup<string, InstanceView> Instances)
{
    public static async Task<InstancesModel> LoadAsync(PaasClient client, string name, CancellationToken cancellationToken)
    {
        var app = client.AppAsync(name, cancellationToken);
        var formation = client.FormationAsync(name, cancellationToken);
        var instances = client.InstancesAsync(name, cancellationToken);
        await Task.WhenAll(app, formation, instances);
        return new InstancesModel(await app, await formation, (await instances).ToLookup(item => item.Type, StringComparer.Ordinal));
    }

    /// <summary>Types that run though neither release nor formation has them any more: an older release that drains.</summary>
    public IEnumerable<string> Leaving => Instances.Select(group => group.Key).Except(Formation.Select(item => item.Type), StringComparer.Ordinal);
}
