using Microsoft.AspNetCore.Connections;
using Paas.Accounts;
using Paas.Accounts.SignIn;
using Paas.Activity;
using Paas.Apps;
using Paas.Builds;
using Paas.Catalog;
using Paas.Dashboard;
using Paas.Deploys;
using Paas.Engine;
using Paas.Engine.Native;
using Paas.Git;
using Paas.Instances;
using Paas.Keep;
using Paas.Logs;
using Paas.Metrics;
using Paas.Oci;
using Paas.Patching;
using Paas.Registry;
using Paas.Releases;
using Paas.Routing;
using Paas.Sboms;
using Paas.State;
using Paas.Status;

namespace Paas;

/// <summary>`paasd control`: API, git receiver, registry, builds, engine. Composition only: each slice's Add and Map, in deploy order.</summary>
internal static class ControlRole
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var options = PlatformOptions.FromEnvironment();
        var home = new PlatformHome(options.Home);
        await using var app = Build(home, options);
        app.Services.GetRequiredService<BlobStore>().DeleteTemporary();
        app.Services.GetRequiredService<Snapshots>().DeleteTemporary();
        await app.Services.GetRequiredService<NativeEngine>().StartAsync(cancellationToken);
        await app.RunAsync(cancellationToken);
        return 0;
    }

    /// <summary>The content store with the machine's cache behind it, and the engine on top: all that `paasd down` needs.</summary>
    public static IServiceCollection AddContentStoreAndEngine(this IServiceCollection services, PlatformHome home, PlatformOptions options) => services
        .AddSingleton(new BlobStore(home.Blobs, Path.Combine(options.Cache, "blobs")))
        .AddSingleton(new Snapshots(home.Snapshots, Path.Combine(options.Cache, "snapshots")))
        .AddSingleton<Images>()
        .AddSingleton<Layers>()
        .AddSingleton(new StackCache(options.Cache))
        .AddNativeEngine(new NativeOptions
        {
            StateDirectory = Path.Combine(home.Run, "engine"),
            DataDirectory = home.Engine,
            Tag = home.Tag,
            AvoidAddresses = PackageHosts.Literal(HostSettings.Read()),
        });

    private static WebApplication Build(PlatformHome home, PlatformOptions options)
    {
        HomeFolders.Make(home, EdgeAccount.Find());
        var builder = RoleHost.Create();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            File.Delete(home.ControlSocket);
            kestrel.ListenUnixSocket(home.ControlSocket);
            kestrel.ListenOnAdminSocket(home);
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, SocketMemory>();
        // What must not be lost is written when it happens: a restart waits for nobody's open page or log.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Patience);
        builder.Services
            .AddContentStoreAndEngine(home, options)
            .AddPlatform(home, options, provider => new RoutingOptions
            {
                BaseDomain = options.BaseDomain,
                DnsListen = provider.GetRequiredService<NativeEngine>().Gateway.ToString(),
            });

        var app = builder.Build();
        app.Services.GetRequiredService<Database>().Migrate();
        app.UseWebSockets();
        MapPlatform(app);
        app.Lifetime.ApplicationStarted.Register(() => OpenControlSocket(home));
        return app;
    }

    /// <summary>Every slice of control; the engine and the content store come from the caller.</summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services, PlatformHome home, PlatformOptions options, Func<IServiceProvider, RoutingOptions> routing) => services
        .AddSingleton(home)
        .AddSingleton(options.Address)
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new Database(home.DatabaseFile, ChangeEpoch.Open(home.EpochFile)))
        .AddAccounts()
        .AddApps()
        .AddGit()
        .AddDeploys()
        .AddBuilds()
        .AddCatalog()
        .AddRegistry()
        .AddReleases()
        .AddSboms()
        .AddInstances()
        .AddRouting(routing)
        .AddLogs()
        .AddAppMetrics()
        .AddActivity()
        .AddPatching()
        .AddStatus()
        .AddDashboard(DashboardOptionsOf);

    /// <summary>Every route of control.</summary>
    public static void MapPlatform(WebApplication app)
    {
        app.UseDashboard();
        app.UseAccounts();
        app.MapAccounts();
        app.MapApps();
        app.MapGit();
        app.MapDeploys();
        app.MapCatalog();
        app.MapBuilds();
        app.MapRegistry();
        app.MapReleases();
        app.MapSboms();
        app.MapInstances();
        app.MapLogs();
        app.MapAppMetrics();
        app.MapActivity();
        app.MapPatching();
        app.MapStatus();
        app.MapDashboard();
    }

    /// <summary>The dashboard asks the API as everybody does, over control's own socket and with its visitor's right.</summary>
    private static DashboardOptions DashboardOptionsOf(IServiceProvider provider) => new()
    {
        Platform = provider.GetRequiredService<PlatformAddress>().BaseUrl,
        Policy = AccountPolicies.Dashboard,
        Token = (user, _) => ValueTask.FromResult(
            provider.GetRequiredService<SessionTokens>().Mint(user) is { } token
                ? new SessionToken(token, provider.GetRequiredService<TimeProvider>().GetUtcNow() + SessionTokens.Lifetime)
                : null),
        Connect = async cancellationToken => await LocalSocket.ConnectAsync(provider.GetRequiredService<PlatformHome>().ControlSocket, cancellationToken),
    };

    /// <summary>The edge runs as a user of its own and reaches control through this socket only.</summary>
    private static void OpenControlSocket(PlatformHome home)
    {
        File.SetUnixFileMode(home.ControlSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        EdgeAccount.Find()?.Share(home.ControlSocket);
    }
}
