using Paas.Client;

namespace Paas.Dashboard.Pages;

/// <summary>What the overview of one app shows.</summary>
/// <param name="Release">Current; null before the first.</param>
/// <param name="Activity">The last five.</param>
public sealed record OverviewModel(AppView App, ReleaseView? Release, IReadOnlyList<InstanceView> Instances, IReadOnlyList<ActivityView> Activity, AppMetricsView Metrics)
{
    public static async Task<OverviewModel> LoadAsync(PaasClient client, string name, CancellationToken cancellationToken)
    {
        var app = client.AppAsync(name, cancellationToken);
        var instances = client.InstancesAsync(name, cancellationToken);
        var activity = client.ActivityAsync(name, 5, cancellationToken);
        var metrics = client.MetricsAsync(name, cancellationToken);
        await Task.WhenAll(app, instances, activity, metrics);
        var view = await app;
        var release = view.Release is { } number ? await client.ReleaseAsync(name, number, cancellationToken) : null;
        return new OverviewModel(view, release, await instances, await activity, await metrics);
    }
}
