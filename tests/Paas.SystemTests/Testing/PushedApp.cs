using System.Net;
using Paas.Client;

namespace Paas.Testing;

/// <summary>One app on the platform and the git repository it is pushed from; both gone when disposed.</summary>
public sealed class PushedApp : IAsyncDisposable
{
    private readonly Platform _platform;

    private PushedApp(Platform platform, string name) => (_platform, Name) = (platform, name);

    public string Name { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("paas-push-").FullName;

    private CancellationToken Cancelled { get; } = TestContext.Current.CancellationToken;

    /// <param name="sample">A folder of tests/apps whose files are committed at once; null: an empty repository.</param>
    public static async Task<PushedApp> CreateAsync(Platform platform, string? sample)
    {
        Assert.SkipWhen(platform.Missing is not null, platform.Missing ?? "");
        var app = new PushedApp(platform, $"t{Guid.NewGuid().ToString("N")[..8]}");
        var (status, body) = await platform.SendAsync(HttpMethod.Post, "/apps", new CreateApp(app.Name), app.Cancelled);
        Assert.True(status == HttpStatusCode.Created, body);
        (await app.GitAsync("init", "--quiet", "--initial-branch", "main")).Succeeded();
        if (sample is not null)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Apps, sample)))
            {
                File.Copy(file, Path.Combine(app.Folder, Path.GetFileName(file)));
            }

            await app.CommitAsync("First");
        }

        return app;
    }

    private static string Apps { get; } = Path.Combine(FindRoot(), "tests/apps");

    public Task<Ended> GitAsync(params string[] arguments) => Command.RunAsync(
        "git",
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "credential.helper=", .. arguments],
        Cancelled,
        Folder,
        new Dictionary<string, string> { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_CONFIG_GLOBAL"] = "/dev/null" });

    public Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(Folder, file), text, Cancelled);

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

    public Task<AppView> ViewAsync() => _platform.GetAsync<AppView>($"/apps/{Name}", Cancelled);

    public Task<InstanceView[]> InstancesAsync() => _platform.GetAsync<InstanceView[]>($"/apps/{Name}/instances", Cancelled);

    public Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, object? body) =>
        _platform.SendAsync(method, $"/apps/{Name}{path}", body, Cancelled);

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
