using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Paas.Accounts;
using Paas.Apps;
using Paas.State;

namespace Paas.Git;

/// <summary>The push receiver on a real Kestrel and a home of its own; apps and deploys are the test's. Team 1 has the app hello, team 2 the app secret.</summary>
public sealed class GitServer : IAsyncDisposable
{
    public const string Token = "correct-token";
    public const long Hello = 7;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-git-");
    private readonly Dictionary<(long Team, string Name), App> _apps = new()
    {
        [(1, "hello")] = new() { Id = Hello, TeamId = 1, Name = "hello", CreatedAt = DateTimeOffset.UnixEpoch },
        [(2, "secret")] = new() { Id = 8, TeamId = 2, Name = "secret", CreatedAt = DateTimeOffset.UnixEpoch },
    };

    private readonly WebApplication _web;
    private int _clients;

    private GitServer(Action<GitOptions>? configure, Action<HttpContext>? before)
    {
        // As quickstart makes it: another user may pass through, not look around.
        File.SetUnixFileMode(_root.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Home = new PlatformHome(Path.Combine(_root.FullName, "home"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Home);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddGit();
        builder.Services.AddSingleton(new GitAccess(
            token => token == Token ? new Caller(1, "ann", 1, 1) : null,
            team => team == 1 ? "acme" : "others",
            (team, name) => _apps.GetValueOrDefault((team, name)),
            id => _apps.Values.FirstOrDefault(app => app.Id == id),
            (id, branch) => SetApp(App with { DeployBranch = branch })));
        builder.Services.AddSingleton(Deploys.Doors);
        builder.Services.Configure<GitOptions>(options =>
        {
            options.User = null;
            options.HookBinary = NativeHook.Path;
            configure?.Invoke(options);
        });
        _web = builder.Build();
        _web.Use(next => http =>
        {
            before?.Invoke(http);
            return next(http);
        });
        _web.MapGit();
    }

    public PlatformHome Home { get; }

    public FakeDeploys Deploys { get; } = new();

    public App App => _apps[(1, "hello")];

    internal GitRepositories Repositories => _web.Services.GetRequiredService<GitRepositories>();

    internal CodeHistory History => _web.Services.GetRequiredService<CodeHistory>();

    public Uri Address => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="before">Sees each request first.</param>
    public static async Task<GitServer> StartAsync(Action<GitOptions>? configure = null, Action<HttpContext>? before = null)
    {
        var server = new GitServer(configure, before);
        await server._web.StartAsync();
        return server;
    }

    public void SetApp(App app) => _apps[(app.TeamId, app.Name)] = app;

    public void Forget(App app) => _apps.Remove((app.TeamId, app.Name));

    public string UrlOf(string app, string token = Token) => new UriBuilder(Address) { UserName = "any", Password = token, Path = $"/git/{app}.git" }.Uri.ToString();

    /// <summary>A new working copy with one commit on main and the remote "paas".</summary>
    public async Task<GitClient> NewClientAsync(string app = "hello", string token = Token)
    {
        var client = new GitClient(Path.Combine(_root.FullName, string.Create(CultureInfo.InvariantCulture, $"client{Interlocked.Increment(ref _clients)}")));
        await client.RunAsync("init", "--quiet", "--initial-branch=main", ".");
        await client.RunAsync("remote", "add", "paas", UrlOf(app, token));
        await client.CommitAsync("index.html", "<h1>hello</h1>");
        return client;
    }

    /// <summary>An empty folder to clone into.</summary>
    public GitClient NewFolder() => new(Path.Combine(_root.FullName, string.Create(CultureInfo.InvariantCulture, $"folder{Interlocked.Increment(ref _clients)}")));

    /// <summary>Where the branch points in the app's repository; 40 zeros for nowhere.</summary>
    public Task<string> RefAsync(string name) => Repositories.ReadRefAsync(Hello, name, CancellationToken.None);

    public Task StopAsync() => _web.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Deploys.LetAllGo();
        await _web.DisposeAsync();
        Deploys.Dispose();
        _root.Delete(recursive: true);
    }
}
