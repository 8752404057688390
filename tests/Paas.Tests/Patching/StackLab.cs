using Paas.Apps;
using Paas.Buildpacks;
using Paas.Builds;
using Paas.Client;
using Paas.Deploys;
using Paas.Instances;
using Paas.Oci;
using Paas.Releases;
using Paas.Testing;

namespace Paas.Patching;

/// <summary>A platform in this process with base images of a few bytes, and the app "hello" that was built on them.</summary>
internal sealed class StackLab(LiveApp live) : IAsyncDisposable
{
    private readonly SmallImages _images = new(live.Get<BlobStore>(), live.Get<Snapshots>(), live.Get<Images>());
    private int _made;

    public LiveApp Live => live;

    public SmallImages Images => _images;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<StackLab> StartAsync() => new(await LiveApp.StartAsync());

    /// <summary>A newer run image: one package has this version.</summary>
    public async Task<Image> NewBaseAsync(string version)
    {
        var status = $"Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nSource: nginx-source\nVersion: {version}\n\nPackage: bash\nStatus: install ok installed\nVersion: 5\n";
        var run = await _images.RunImageAsync(layers: [$"var/lib/dpkg/status={status}"]);
        live.Get<BaseImages>().Add(
            run.Digest,
            run.Digest,
            new Dictionary<string, SortedDictionary<string, string>> { ["run"] = new(StringComparer.Ordinal) { ["nginx"] = version, ["bash"] = "5" } },
            DateTimeOffset.UnixEpoch.AddDays(++_made));
        return run;
    }

    /// <summary>As a push would: a release of a built image serves.</summary>
    public async Task<int> DeployAsync(App app, Image image, params ConfigVar[] config)
    {
        var draft = new ReleaseDraft(image.Digest, config, new Dictionary<string, string> { ["web"] = "serve" }, "Push", "0123456789012345678901234567890123456789", "admin");
        return Assert.IsType<DeployResult.Live>(await live.Get<Deploy>().ReleaseAsync(app, DeployCause.Config, draft, static _ => { }, Cancelled)).Release;
    }

    public async Task<App> CreateAsync(string name)
    {
        await live.Paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp(name), Cancelled).ReadAsync<AppView>(System.Net.HttpStatusCode.Created);
        return live.Get<AppStore>().All().Single(app => app.Name == name);
    }

    public Release Serving(App app) => live.Get<ReleaseStore>().Find(app.Id, live.Get<RolloutStore>().CurrentOf(app.Id)!.Release)!;

    public async Task<StackUpdateView> UpdateAsync()
    {
        var begun = await live.Paas.Api.PostAsJsonAsync("/api/v1/stack/updates", new StartStackUpdate(Offline: true), Cancelled).ReadAsync<StackUpdateView>(System.Net.HttpStatusCode.Accepted);
        return await EndAsync(begun.Id);
    }

    public async Task<StackUpdateView> EndAsync(long id)
    {
        await LiveApp.UntilAsync(() => live.Get<StackUpdates>().Find(id)!.State != UpdateState.Running);
        return await live.Paas.Api.GetAsync($"/api/v1/stack/updates/{id}", Cancelled).ReadAsync<StackUpdateView>(System.Net.HttpStatusCode.OK);
    }

    public ValueTask DisposeAsync() => live.DisposeAsync();
}
