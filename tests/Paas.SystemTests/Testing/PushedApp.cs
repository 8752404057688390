using System.Net;
using Paas.Client;

namespace Paas.Testing;

/// <summary>One app on the platform and the git repository it is pushed from; both gone when disposed.</summary>
public sealed class PushedApp : IAsyncDisposable
{
    private readonly Platform _platform;

    private PushedApp(Platform platform, string name) => (_platform, Name) = (platform, name);

    public string Name { get; private set; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("paas-push-").FullName;

    private CancellationToken Cancelled { get; } = TestContext.Current.CancellationToken;

    /// <param name="sample">A folder of tests/apps whose files, at any depth, are committed at once; null: an empty repository.</param>
    public static async Task<PushedApp> CreateAsync(Platform platform, string? sample)
    {
        platform.SkipIfMissing();
        var name = $"t{Guid.NewGuid().ToString("N")[..8]}";
        var (status, body) = await platform.SendAsync(HttpMethod.Post, "/apps", new CreateApp(name), TestContext.Current.CancellationToken);
        Assert.True(status == HttpStatusCode.Created, body);
        return await OfAsync(platform, name, sample);
    }

    /// <summary>A repository for an app that is there already; the app goes with it.</summary>
    public static async Task<PushedApp> OfAsync(Platform platform, string name, string? sample)
    {
        var app = new PushedApp(platform, name);
        (await app.GitAsync("init", "--quiet", "--initial-branch", "main")).Succeeded();
        if (sample is not null)
        {
            var root = Path.Combine(Apps, sample);
            foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(app.Folder, Path.GetRelativePath(root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            await app.CommitAsync("First");
        }

        return app;
    }

    /// <summary>As <see cref="CreateAsync"/>, pushed and live as v1.</summary>
    public static async Task<PushedApp> LiveAsync(Platform platform, string sample)
    {
        var app = await CreateAsync(platform, sample);
        (await app.PushAsync()).Succeeded();
        return app;
    }

    private static string Apps { get; } = Path.Combine(FindRoot(), "tests/apps");

    public Task<Ended> GitAsync(params string[] arguments) => Command.RunAsync(
        "git",
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "credential.helper=", .. arguments],
        Cancelled,
        Folder,
        new Dictionary<string, string> { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_CONFIG_GLOBAL"] = "/dev/null" });

    public Task WriteAsync(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllTextAsync(path, text, Cancelled);
    }

    public async Task CommitAsync(string message)
    {
        (await GitAsync("add", "--all")).Succeeded();
        (await GitAsync("commit", "--quiet", "--allow-empty", "-m", message)).Succeeded();
    }

    public Task<Ended> PushAsync(string refs = "main") => GitAsync("push", $"http://any:{_platform.Token}@localhost:{_platform.Port}/git/{Name}.git", refs);

    /// <summary>Changes one file, commits and pushes.</summary>
    public async Task<Ended> PushChangeAsync(string file, string text)
    {
        await WriteAsync(file, text);
        await CommitAsync($"Change {file}");
        return await PushAsync();
    }

    public async Task<(HttpStatusCode Status, string Body)> VisitAsync(string path = "/")
    {
        using var visitor = _platform.Visitor();
        using var answer = await visitor.GetAsync(_platform.UrlOf(Name, path), Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    public Uri Url(string path = "/") => _platform.UrlOf(Name, path);

    /// <summary>Gives it another name; the git repository is the same.</summary>
    public async Task RenameAsync(string name)
    {
        await ChangeAsync(HttpMethod.Patch, "", new UpdateApp { Name = name });
        Name = name;
    }

    /// <summary>Somebody else has given it another name.</summary>
    public void RenamedTo(string name) => Name = name;

    public Task<AppView> ViewAsync() => _platform.GetAsync<AppView>($"/apps/{Name}", Cancelled);

    public Task<InstanceView[]> InstancesAsync() => _platform.GetAsync<InstanceView[]>($"/apps/{Name}/instances", Cancelled);

    public Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, object? body) =>
        _platform.SendAsync(method, $"/apps/{Name}{path}", body, Cancelled);

    /// <summary>A call that has to succeed; its answer's body.</summary>
    public async Task<string> ChangeAsync(HttpMethod method, string path, object? body)
    {
        var (status, said) = await SendAsync(method, path, body);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {(int)status} {said}");
        return said;
    }

    /// <summary>Sets config vars; null takes one away.</summary>
    public Task<string> SetAsync(params (string Name, string? Value)[] vars) =>
        ChangeAsync(HttpMethod.Patch, "/config", new UpdateConfig(vars.ToDictionary(item => item.Name, item => item.Value)));

    public Task<DeployView[]> DeploysAsync() => _platform.GetAsync<DeployView[]>($"/apps/{Name}/deploys", Cancelled);

    /// <summary>The whole answer of a stream that ends.</summary>
    public async Task<string> ReadAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path, null);
        Assert.True(status == HttpStatusCode.OK, body);
        return body;
    }

    /// <summary>Waits, with a generous ceiling, until the condition holds.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(100, Cancelled);
        }

        Assert.Fail($"It did not happen within a minute: {what}\n{_platform.Logs()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _platform.SendAsync(HttpMethod.Delete, $"/apps/{Name}", null, CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private static string FindRoot([System.Runtime.CompilerServices.CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here)!;
        while (!File.Exists(Path.Combine(folder, "Paas.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
