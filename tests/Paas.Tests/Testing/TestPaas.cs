using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Paas.Accounts;
using Paas.Accounts.SignIn;
using Paas.Edge;
using Paas.Engine;
using Paas.Git;
using Paas.Routing;
using Paas.State;

namespace Paas.Testing;

/// <summary>Control in this process: a temporary home, real SQLite, real Kestrel on port 0 and on the admin socket, composed of the slices.</summary>
internal sealed class TestPaas : IAsyncDisposable
{
    private readonly TempHome _temp = new();
    private readonly List<HttpClient> _clients = [];
    private EdgeServer? _edge;

    private TestPaas(Action<IServiceCollection>? with)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenUnixSocket(_temp.Home.ControlSocket);
            kestrel.ListenOnAdminSocket(_temp.Home);
        });
        var options = new PlatformOptions { Home = _temp.Home.Root, Cache = Path.Combine(_temp.Home.Root, "cache") };
        builder.Services
            .AddContentStoreAndEngine(_temp.Home, options)
            .AddSingleton<IEngine>(Engine)
            .AddPlatform(_temp.Home, options, _ => new RoutingOptions { DnsUpstreams = [] })
            .AddSingleton(new Builds.BuildsOptions { Buildpacks = Repository.PathOf("buildpacks") })
            .Configure<GitOptions>(git => git.User = null);
        with?.Invoke(builder.Services);

        App = builder.Build();
        App.UseWebSockets();
        ControlRole.MapPlatform(App);
    }

    /// <summary>What runs the instances: in memory, as the test says.</summary>
    public FakeEngine Engine { get; } = new();

    public WebApplication App { get; }

    public PlatformHome Home => _temp.Home;

    public IServiceProvider Services => App.Services;

    /// <summary>As clients reach the platform.</summary>
    public Uri EdgeUrl => new($"http://127.0.0.1:{_edge!.HttpPort}");

    /// <summary>As the first administrator.</summary>
    public HttpClient Api { get; private set; } = null!;

    /// <param name="with">Registered before the slices: takes the place of what this composition would register.</param>
    /// <param name="bodyPatience">Of the edge with a body for the registry, which must come fast then; null: as in life.</param>
    public static async Task<TestPaas> StartAsync(Action<IServiceCollection>? with = null, TimeSpan? bodyPatience = null)
    {
        var paas = new TestPaas(with);
        var life = new EdgeOptions();
        paas._edge = await EdgeServer.StartAsync(
            new EdgeOptions { Home = paas.Home.Root, HttpPort = 0, InlineCompletions = false, RegistryBodyPatience = bodyPatience ?? life.RegistryBodyPatience, RegistryBodyRate = bodyPatience is null ? life.RegistryBodyRate : 1e5 }, TimeProvider.System, TestContext.Current.CancellationToken);
        await paas.App.StartAsync(TestContext.Current.CancellationToken);
        var user = paas.Services.GetRequiredService<AccountStore>().Bootstrap(null);
        paas.Api = paas.ClientOf(paas.Services.GetRequiredService<Tokens>().Create(user.Id, "test"));
        return paas;
    }

    /// <summary>As the only user of a team of its own.</summary>
    public HttpClient OtherTeam(string name)
    {
        var accounts = Services.GetRequiredService<AccountStore>();
        return ClientOf(Services.GetRequiredService<Tokens>().Create(accounts.AddUser(accounts.AddTeam(name), name), "test"));
    }

    /// <param name="token">Null: nobody.</param>
    public HttpClient ClientOf(string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri(App.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal))) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        _clients.Add(client);
        return client;
    }

    /// <summary>Through the edge, as docker signs in: Basic, any user name.</summary>
    /// <param name="token">Null: nobody.</param>
    public HttpClient RegistryClientOf(string? token)
    {
        var client = new HttpClient { BaseAddress = EdgeUrl };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}")));
        _clients.Add(client);
        return client;
    }

    /// <summary>A browser that nobody is signed in with.</summary>
    public Browser Browser() => new(ClientOf(null).BaseAddress!);

    /// <param name="user">Null: the first administrator.</param>
    public async Task<Browser> SignedInAsync(string? user = null)
    {
        var browser = Browser();
        var link = Services.GetRequiredService<SignInLinks>().Create(Services.GetRequiredService<AccountStore>().Bootstrap(user).Id);
        using var used = await browser.SubmitAsync(new Uri(link.Url).PathAndQuery, null);
        Assert.Equal(HttpStatusCode.SeeOther, used.StatusCode);
        return browser;
    }

    /// <summary>Over the admin socket.</summary>
    public HttpClient Admin()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Home.AdminSocket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri("http://admin") };
        _clients.Add(client);
        return client;
    }

    /// <summary>From now on nobody takes routes.</summary>
    public async Task StopEdgeAsync()
    {
        if (_edge is { } edge)
        {
            _edge = null;
            await edge.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        await StopEdgeAsync();
        _temp.Dispose();
    }
}
