using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Paas.Apps;
using Paas.Client;
using Paas.Oci;
using Paas.Releases;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>A platform with the app "hello", an engine in memory whose web instances listen, and a client that pushes images over HTTP.</summary>
internal sealed class ImageLab : IAsyncDisposable
{
    private readonly TcpListener _instance = new(IPAddress.Loopback, 0);

    private ImageLab(TestPaas paas) => Paas = paas;

    public TestPaas Paas { get; }

    public App App => Get<AppStore>().All().First(app => app.Name == "hello");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<ImageLab> StartAsync(Action<IServiceCollection>? with = null)
    {
        var lab = new ImageLab(await TestPaas.StartAsync(with));
        lab._instance.Start();
        lab.Paas.Engine.EndpointOf = (_, spec) => spec.Port is null ? null : (IPEndPoint)lab._instance.LocalEndpoint;
        await CreateAsync("hello", lab.Paas.Api);
        return lab;
    }

    public T Get<T>()
        where T : notnull => Paas.Services.GetRequiredService<T>();

    public static Task<AppView> CreateAsync(string app, HttpClient api) => api.PostAsJsonAsync("/api/v1/apps", new CreateApp(app), Cancelled).ReadAsync<AppView>(HttpStatusCode.Created);

    public static RunConfig Runs(params string[] command) => new() { Entrypoint = command };

    /// <summary>Pushes an image of these layers as a client does; the config can be bent.</summary>
    public async Task<Digest> PushAsync(string repository, string tag, IReadOnlyList<TempStore.MadeLayer> layers, RunConfig? run = null, Func<ImageConfig, ImageConfig>? bend = null, HttpClient? api = null)
    {
        var config = new ImageConfig { Architecture = Images.Architecture, Os = "linux", Config = run ?? Runs("/serve"), RootFs = new RootFs { DiffIds = [.. layers.Select(layer => layer.DiffId)] } };
        var manifest = new Manifest
        {
            Config = await BlobAsync(repository, JsonSerializer.SerializeToUtf8Bytes((bend ?? (same => same))(config), OciJson.Canonical.ImageConfig), MediaTypes.Config, api),
            Layers = await Task.WhenAll(layers.Select(layer => BlobAsync(repository, layer.Blob, MediaTypes.Layer, api))),
        };
        return await ManifestAsync(repository, tag, JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest), MediaTypes.Manifest, api);
    }

    /// <summary>One layer with this file, which makes it another image.</summary>
    public Task<Digest> PushAsync(string repository, string tag, string file, RunConfig? run = null) => PushAsync(repository, tag, [TempStore.Layer(TarEntryTo.File(file))], run);

    public async Task<Descriptor> BlobAsync(string repository, byte[] content, string type, HttpClient? api = null)
    {
        var digest = Digest.Of(content);
        using var pushed = await (api ?? Paas.Api).PostAsync($"/v2/{repository}/blobs/uploads/?digest={digest}", new ByteArrayContent(content), Cancelled);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        return new Descriptor { MediaType = type, Digest = digest, Size = content.Length };
    }

    public async Task<Digest> ManifestAsync(string repository, string reference, byte[] content, string type, HttpClient? api = null)
    {
        using var answer = await TryManifestAsync(repository, reference, content, type, api);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return Digest.Of(content);
    }

    public Task<HttpResponseMessage> TryManifestAsync(string repository, string reference, byte[] content, string type, HttpClient? api = null)
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        return (api ?? Paas.Api).PutAsync($"/v2/{repository}/manifests/{reference}", body, Cancelled);
    }

    /// <summary>`paas deploy --image`, and its end.</summary>
    public async Task<DeployView> DeployAsync(string image, bool follow = false, HttpClient? api = null, string app = "hello")
    {
        var view = await (api ?? Paas.Api).PostAsJsonAsync($"/api/v1/apps/{app}/deploys", new DeployImage(image) { Follow = follow }, Cancelled).ReadAsync<DeployView>(HttpStatusCode.Accepted);
        return await EndedAsync(view.Number, app);
    }

    /// <summary>Waits for the end of a deploy that will come, or came.</summary>
    public async Task<DeployView> EndedAsync(int number, string app = "hello")
    {
        var id = Get<AppStore>().All().First(item => item.Name == app).Id;
        await LiveApp.UntilAsync(() => Get<DeployStore>().Find(id, number) is { EndedAt: not null });
        return DeploysEndpoints.View(Get<DeployStore>().Find(id, number)!);
    }

    public IReadOnlyList<DeployRecord> Deploys() => Get<DeployStore>().List(App.Id, 100);

    public Release Release(int number) => Get<ReleaseStore>().Find(App.Id, number)!;

    public async Task<string> LogAsync(int number)
    {
        var lines = new List<string>();
        await foreach (var line in Get<DeployRuns>().LinesAsync(App.Id, number, 0, false, Cancelled))
        {
            lines.Add(line.Text);
        }

        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        await Paas.DisposeAsync();
        _instance.Dispose();
    }
}
