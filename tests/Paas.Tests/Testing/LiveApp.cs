using System.Net;
using System.Net.Sockets;
using Paas.Apps;
using Paas.Client;
using Paas.Deploys;
using Paas.Instances;
using Paas.Oci;

namespace Paas.Testing;

/// <summary>The app "hello" whose first release serves, on an engine in memory, with a real edge.</summary>
internal sealed class LiveApp : IAsyncDisposable
{
    private readonly TcpListener _instance = new(IPAddress.Loopback, 0);

    private LiveApp(TestPaas paas) => Paas = paas;

    public TestPaas Paas { get; }

    public App App => Get<AppStore>().All().Single();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<LiveApp> StartAsync()
    {
        var live = new LiveApp(await TestPaas.StartAsync());
        live._instance.Start();
        live.Paas.Engine.EndpointOf = (_, spec) => spec.Port is null ? null : (IPEndPoint)live._instance.LocalEndpoint;
        await live.Paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Cancelled).ReadAsync<AppView>(HttpStatusCode.Created);
        Assert.IsType<DeployResult.Live>(await live.Get<Deploy>().ReleaseAsync(live.App, DeployCause.Image, Draft(), static _ => { }, Cancelled));
        return live;
    }

    public static ReleaseDraft Draft(params ConfigVar[] config) =>
        new(Digest.Of("image"u8), config, new Dictionary<string, string> { ["web"] = "serve", ["worker"] = "work" }, "Image", null, "admin");

    public T Get<T>()
        where T : notnull => Paas.Services.GetRequiredService<T>();

    /// <summary>How many instances the edge may send requests to.</summary>
    public int Serving() => AppRoutes.Serving(Get<Routes>().Snapshot().Single(), Get<InstanceBoard>()).Count;

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object body) =>
        Paas.Api.SendAsync(new HttpRequestMessage(method, $"/api/v1/apps/hello{path}") { Content = JsonContent.Create(body, body.GetType()) }, Cancelled);

    public static async Task UntilAsync(Func<bool> condition)
    {
        // What is true for a moment is enough: an instance that ends again and again is down and starts by turns.
        var held = condition();
        for (var tries = 0; tries < 600 && !held; tries++)
        {
            await Task.Delay(50, Cancelled);
            held = condition();
        }

        Assert.True(held);
    }

    public async ValueTask DisposeAsync()
    {
        await Paas.DisposeAsync();
        _instance.Dispose();
    }
}
