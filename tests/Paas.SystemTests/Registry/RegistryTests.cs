using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The platform's registry by the programs that people use, through the edge: what was pushed with git is pulled with them.</summary>
public sealed class RegistryTests(Platform platform) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-registry-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Skopeo_copies_the_image_of_a_release()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();

        (await SkopeoAsync(["--src-creds", $"any:{platform.Token}"], Remote(app.Name, "v1"), $"oci:{_folder.FullName}/image:v1")).Succeeded();

        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(_folder.FullName, "image/blobs/sha256")));
    }

    [Fact]
    public async Task A_foreign_image_is_pushed_into_an_apps_repository_and_comes_back_the_same()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        await using var other = await PushedApp.CreateAsync(platform, null);
        var (foreign, again) = ($"{_folder.FullName}/foreign", $"{_folder.FullName}/again");
        (await SkopeoAsync(["--src-creds", $"any:{platform.Token}"], Remote(app.Name, "v1"), $"oci:{foreign}:any")).Succeeded();

        (await SkopeoAsync(["--dest-creds", $"any:{platform.Token}"], $"oci:{foreign}:any", Remote(other.Name, "mine"))).Succeeded();
        (await SkopeoAsync(["--src-creds", $"any:{platform.Token}"], Remote(other.Name, "mine"), $"oci:{again}:any")).Succeeded();

        Assert.Equal(Blobs(foreign), Blobs(again));
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        var refused = await SkopeoAsync(["--src-creds", "any:wrong"], Remote(app.Name, "v1"), $"oci:{_folder.FullName}/image:v1");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("unauthorized", refused.All, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Another_teams_app_is_an_unknown_name()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        using var visitor = platform.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{platform.Url}/v2/{app.Name}/manifests/v1");
        request.Headers.Authorization = Basic(TokenOfAnotherTeam());
        using var answer = await visitor.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("NAME_UNKNOWN", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Part_of_a_layer_is_sent_by_the_edge_and_needs_a_token_like_the_whole()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        (await SkopeoAsync(["--src-creds", $"any:{platform.Token}"], Remote(app.Name, "v1"), $"oci:{_folder.FullName}/image:v1")).Succeeded();
        // The largest is the base image's: it lies in the machine's cache, not in the home.
        var largest = new DirectoryInfo(Path.Combine(_folder.FullName, "image/blobs/sha256")).EnumerateFiles().MaxBy(file => file.Length)!;
        using var visitor = platform.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{platform.Url}/v2/{app.Name}/blobs/sha256:{largest.Name}") { Headers = { Range = new RangeHeaderValue(1000, 1999) } };
        request.Headers.Authorization = Basic(platform.Token);
        using var part = await visitor.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.False(part.Headers.Contains("Paas-Blob"));
        var expected = new byte[1000];
        await using (var file = largest.OpenRead())
        {
            file.Position = 1000;
            await file.ReadExactlyAsync(expected, Token);
        }

        Assert.Equal(expected, await part.Content.ReadAsByteArrayAsync(Token));

        using var stranger = await visitor.GetAsync(request.RequestUri, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Podman_runs_the_pulled_image_and_it_serves()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        await using var podman = await PodmanLab.StartAsync(Token);

        (await podman.RunAsync(["pull", "--tls-verify=false", "--creds", $"any:{platform.Token}", Remote(app.Name, "v1")], Token)).Succeeded();
        var page = await podman.ServeAsync($"127.0.0.1:{platform.Port}/{app.Name}:v1", Token);

        Assert.Contains("Hello from a static site", page, StringComparison.Ordinal);
    }

    /// <summary>An address instead of a name is the platform's host; every client takes plain HTTP for loopback when told to.</summary>
    private string Remote(string app, string tag) => $"docker://127.0.0.1:{platform.Port}/{app}:{tag}";

    private static Task<Ended> SkopeoAsync(string[] options, string from, string to)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/skopeo"), "skopeo is not installed: run tests/run.sh");
        return Command.RunAsync("/usr/bin/skopeo", ["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", .. options, from, to], Token);
    }

    private static string[] Blobs(string layout) =>
        [.. Directory.EnumerateFiles(Path.Combine(layout, "blobs/sha256")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static AuthenticationHeaderValue Basic(string token) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"any:{token}")));

    /// <summary>There is no way to make a second team yet, so it is written where control reads it.</summary>
    private string TokenOfAnotherTeam()
    {
        var database = new Database(platform.Home.DatabaseFile);
        var accounts = new AccountStore(database, TimeProvider.System);
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Guid.NewGuid().ToString("N")[..8]}");
        var user = accounts.AddUser(accounts.AddTeam(name), name);
        return new Tokens(database, TimeProvider.System).Create(user, "registry");
    }
}
