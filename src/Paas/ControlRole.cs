using Paas.Accounts;
using Paas.Activity;
using Paas.Apps;
using Paas.Builds;
using Paas.Deploys;
using Paas.Engine.Native;
using Paas.Git;
using Paas.Instances;
using Paas.Logs;
using Paas.Oci;
using Paas.Registry;
using Paas.Releases;
using Paas.Routing;
using Paas.State;
using Paas.Status;

namespace Paas;

/// <summary>`paasd control`: API, git receiver, registry, builds, engine. Composition only: each slice's Add and Map, in deploy order.</summary>
internal static class ControlRole
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var options = PlatformOptions.FromEnvironment();
        var home = new PlatformHome(options.Home);
        await using var app = Build(home, options);
        await app.RunAsync(cancellationToken);
        return 0;
    }

    private static WebApplication Build(PlatformHome home, PlatformOptions options)
    {
        foreach (var folder in new[] { home.Run, home.Git, home.Blobs, home.Snapshots, home.Builds, home.Engine, home.Logs, home.Trash })
        {
            Directory.CreateDirectory(folder);
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            File.Delete(home.ControlSocket);
            kestrel.ListenUnixSocket(home.ControlSocket);
            kestrel.ListenOnAdminSocket(home);
        });
        AddPlatform(builder.Services, home, options);

        var app = builder.Build();
        app.Services.GetRequiredService<Database>().Migrate();
        app.UseWebSockets();
        MapPlatform(app);
        app.Lifetime.ApplicationStarted.Register(() => OpenControlSocket(home));
        return app;
    }

    private static void AddPlatform(IServiceCollection services, PlatformHome home, PlatformOptions options)
    {
        services.AddSingleton(home).AddSingleton(options).AddSingleton(options.Address).AddSingleton(TimeProvider.System);
        services.AddSingleton(new Database(home.DatabaseFile));
        services.AddSingleton(new BlobStore(home.Blobs, [Path.Combine(options.Cache, "blobs")]));
        services.AddSingleton(new Snapshots(home.Snapshots, [Path.Combine(options.Cache, "snapshots")]));
        services.AddSingleton<Images>().AddSingleton<Layers>();
        services.AddNativeEngine(NativeEngineOptions(home));
        services.AddAccounts();
        services.AddApps();
        services.AddGit();
        services.AddDeploys();
        services.AddBuilds();
        services.AddRegistry();
        services.AddReleases();
        services.AddInstances();
        services.AddRouting();
        services.AddLogs();
        services.AddActivity();
        services.AddStatus();
    }

    private static void MapPlatform(WebApplication app)
    {
        app.UseAccounts();
        app.MapAccounts();
        app.MapApps();
        app.MapGit();
        app.MapDeploys();
        app.MapRegistry();
        app.MapReleases();
        app.MapInstances();
        app.MapLogs();
        app.MapActivity();
        app.MapStatus();
    }

    /// <summary>The edge runs as a user of its own and reaches control through this socket only.</summary>
    private static void OpenControlSocket(PlatformHome home)
    {
        File.SetUnixFileMode(home.ControlSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        EdgeUser.GiveGroup(home.ControlSocket);
    }
}
