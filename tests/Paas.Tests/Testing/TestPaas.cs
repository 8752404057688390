using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Paas.Accounts;
using Paas.Activity;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Logs;
using Paas.State;

namespace Paas.Testing;

/// <summary>Control in this process: a temporary home, real SQLite, real Kestrel on port 0 and on the admin socket, composed of the slices.</summary>
internal sealed class TestPaas : IAsyncDisposable
{
    private readonly TempHome _temp = new();
    private readonly List<HttpClient> _clients = [];

    private TestPaas(Action<IServiceCollection>? with)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenOnAdminSocket(_temp.Home);
        });
        builder.Services.AddSingleton(_temp.Home).AddSingleton(_temp.Database).AddSingleton(_temp.Address).AddSingleton(TimeProvider.System);
        with?.Invoke(builder.Services);
        builder.Services.TryAddSingleton<IEngine, LinesEngine>();
        builder.Services.TryAddSingleton<DescribeApp>(provider => app => Describe(app, provider.GetRequiredService<AppStore>()));
        builder.Services.AddAccounts().AddApps().AddLogs().AddActivity();

        App = builder.Build();
        App.UseAccounts();
        App.MapAccounts();
        App.MapApps();
        App.MapLogs();
        App.MapActivity();
    }

    public WebApplication App { get; }

    public PlatformHome Home => _temp.Home;

    public IServiceProvider Services => App.Services;

    /// <summary>As the first administrator.</summary>
    public HttpClient Api { get; private set; } = null!;

    /// <param name="with">Registered before the slices: takes the place of what this composition would register.</param>
    public static async Task<TestPaas> StartAsync(Action<IServiceCollection>? with = null)
    {
        var paas = new TestPaas(with);
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

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        _temp.Dispose();
    }

    private AppView Describe(App app, AppStore apps) => new(
        app.Name,
        "empty",
        "Nothing pushed yet",
        _temp.Address.GitUrlOf(app.Name),
        _temp.Address.UrlOf(_temp.Address.HostOf(app.Name)),
        [_temp.Address.HostOf(app.Name), .. apps.DomainsOf(app.Id)],
        null,
        new AppSettings(app.DeployBranch, app.HealthPath, (int)app.HealthTimeout.TotalSeconds, (int)app.DrainTimeout.TotalSeconds, (int)app.StopGrace.TotalSeconds, (int)app.BuildTimeout.TotalSeconds, app.ReadOnlyRoot),
        app.CreatedAt);
}
