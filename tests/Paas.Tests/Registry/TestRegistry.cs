using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Paas.Accounts;
using Paas.Apps;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The registry on real Kestrel with real accounts and apps. "hello" is an app of the first team, "theirs" of another.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly TempHome _temp = new();
    private readonly WebApplication _app;

    private TestRegistry(Action<IServiceCollection>? with)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(_temp.Home).AddSingleton(_temp.Database).AddSingleton(_temp.Address).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new BlobStore(_temp.Home.Blobs)).AddSingleton(new Snapshots(_temp.Home.Snapshots));
        builder.Services.AddAccounts().AddApps().AddRegistry();
        with?.Invoke(builder.Services);
        _app = builder.Build();
        _app.MapRegistry();
    }

    public string Token { get; private set; } = "";

    public string OtherToken { get; private set; } = "";

    public HttpClient Client { get; private set; } = null!;

    public Uri Url { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public BlobStore Blobs => Services.GetRequiredService<BlobStore>();

    /// <param name="with">Registered after the slices: takes their place.</param>
    public static async Task<TestRegistry> StartAsync(Action<IServiceCollection>? with = null)
    {
        var registry = new TestRegistry(with);
        await registry._app.StartAsync(TestContext.Current.CancellationToken);
        var (accounts, tokens, apps) = (registry.Services.GetRequiredService<AccountStore>(), registry.Services.GetRequiredService<Tokens>(), registry.Services.GetRequiredService<AppStore>());
        registry.Token = tokens.Create(accounts.Bootstrap(null).Id, "test");
        var team = accounts.AddTeam("others");
        registry.OtherToken = tokens.Create(accounts.AddUser(team, "other"), "test");
        apps.Create(tokens.Authenticate(registry.Token)!.TeamId, AppName.Parse("hello"));
        apps.Create(team, AppName.Parse("theirs"));
        registry.Url = new Uri(registry._app.Urls.Single());
        registry.Client = registry.ClientOf(registry.Token);
        return registry;
    }

    /// <summary>As docker signs in: Basic, any user name.</summary>
    public HttpClient ClientOf(string token)
    {
        var client = new HttpClient { BaseAddress = Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}")));
        return client;
    }

    /// <summary>By a robot token of the first team.</summary>
    public HttpClient RobotOf(string pattern, string rights, TimeSpan? lifetime = null) => ClientOf(Services.GetRequiredService<RobotTokens>().Create(
        Services.GetRequiredService<Tokens>().Authenticate(Token)!, $"robot-{Guid.NewGuid():n}", pattern.Split(' '), TokenScopes.Parse([$"repository:x:{rights}"]).Of(RepositoryName.Parse("x")), lifetime).Secret);

    /// <param name="repository">Something was pushed to it.</param>
    public void MakePublic(string repository)
    {
        var caller = new RegistryCaller.User(Services.GetRequiredService<Tokens>().Authenticate(Token)!);
        var id = Services.GetRequiredService<RegistryStore>().Find(Services.GetRequiredService<RegistryAccess>().Look(caller, RepositoryName.Parse(repository)).Key!.Value)!.Value;
        using var connection = _temp.Database.Open();
        connection.Execute("UPDATE repositories SET public = 1 WHERE id = @id", new { id });
    }

    /// <summary>POST and PUT of a blob.</summary>
    public async Task<Digest> Push(string repository, byte[] content, HttpClient? client = null)
    {
        var digest = Digest.Of(content);
        using var started = await (client ?? Client).PostAsync($"/v2/{repository}/blobs/uploads/", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        using var done = await (client ?? Client).PutAsync($"{started.Headers.Location}?digest={Uri.EscapeDataString(digest.ToString())}", new ByteArrayContent(content), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        Assert.Equal($"/v2/{repository}/blobs/{digest}", done.Headers.Location?.ToString());
        return digest;
    }

    /// <summary>An image manifest with this config blob and no layers, after its blob was pushed.</summary>
    public async Task<string> Manifest(string repository, string config = "{}", string more = "")
    {
        var digest = await Push(repository, Encoding.UTF8.GetBytes(config));
        return $$$"""{"schemaVersion":2, "mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{digest}}}","size":{{{config.Length}}}},"layers":[]{{{more}}}}""";
    }

    public Task<HttpResponseMessage> PutManifest(string repository, string reference, string manifest, string type = MediaTypes.Manifest)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(manifest));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return Client.PutAsync($"/v2/{repository}/manifests/{reference}", content, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _temp.Dispose();
    }
}

internal static class RegistryAnswers
{
    /// <summary>Status and code of an error answer, "404 BLOB_UNKNOWN".</summary>
    public static async Task<string> Error(this HttpResponseMessage response) => $"{(int)response.StatusCode} {(await Read(response)).Code}";

    public static async Task<string> Sentence(this HttpResponseMessage response) => (await Read(response)).Message;

    private static async Task<ErrorItem> Read(HttpResponseMessage response) =>
        JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), RegistryJson.Default.ErrorList)!.Errors.Single();
}
