using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Paas.Apps;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>The client that people and scripts use, against the registry.</summary>
public sealed class SkopeoTests : IAsyncLifetime
{
    private readonly TempStore _store = new();
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task A_foreign_image_is_pushed_and_pulled_and_can_be_run_from_the_store()
    {
        var image = await MakeImage(_store.Layers, _store.Images);
        var layout = await MakeLayout(image);
        await Copy($"oci:{layout}:any", Remote("hello:r1"));
        var again = Path.Combine(_store.Root, "again");
        await Copy(Remote("hello:r1"), $"oci:{again}:any");
        Assert.True(File.Exists(Path.Combine(again, "blobs/sha256", image.Digest.Hex)));
        Assert.Equal(image.Digest, (await new Images(_registry.Blobs, _store.Snapshots).ReadAsync(image.Digest, Cancellation)).Digest);
    }

    [Fact]
    public async Task An_image_of_dockers_own_format_keeps_it()
    {
        var layout = await MakeLayout(await MakeImage(_store.Layers, _store.Images));
        await Copy("--format", "v2s2", $"oci:{layout}:any", Remote("hello/worker:latest"));
        using var response = await _registry.Client.GetAsync("/v2/hello/worker/manifests/latest", Cancellation);
        Assert.Equal(MediaTypes.DockerManifest, response.Content.Headers.ContentType!.ToString());
        await Copy(Remote("hello/worker:latest"), $"dir:{Path.Combine(_store.Root, "dir")}");
    }

    [Fact]
    public async Task An_image_that_was_built_here_is_pulled_by_its_release_and_as_latest()
    {
        var snapshots = new Snapshots(Path.Combine(_store.Root, "snapshots"));
        var image = await MakeImage(new Layers(_registry.Blobs, snapshots), new Images(_registry.Blobs, snapshots));
        var store = _registry.Services.GetRequiredService<RegistryStore>();
        var apps = _registry.Services.GetRequiredService<AppStore>();
        var app = apps.All().Single(item => item.Name == "hello");
        store.LinkImage(app.Id, image, "v3");
        // A rename during the build or after it takes the image along.
        apps.Update(app with { Name = "renamed" });
        store.LinkImage(app.Id, image, "v3");
        foreach (var tag in new[] { "v3", "latest" })
        {
            var pulled = Path.Combine(_store.Root, tag);
            await Copy(Remote($"renamed:{tag}"), $"oci:{pulled}:any");
            Assert.True(File.Exists(Path.Combine(pulled, "blobs/sha256", image.Manifest.Layers[0].Digest.Hex)));
        }
    }

    [Fact]
    public async Task Pushing_to_another_teams_app_says_that_there_is_no_such_repository()
    {
        var layout = await MakeLayout(await MakeImage(_store.Layers, _store.Images));
        var (exitCode, output) = await Run(_registry.Token, ["copy", $"oci:{layout}:any", Remote("theirs:v1")]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("no repository 'theirs'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_told_so()
    {
        var (exitCode, output) = await Run("wrong", ["inspect", Remote("hello:r1")]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("unauthorized", output, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Image> MakeImage(Layers layers, Images images)
    {
        _store.Write("index.html", "hello");
        var layer = await layers.CreateAsync([new LayerSource(_store.Source, "www", 0, 0)], Cancellation);
        return await images.PutAsync(
            new ImageConfig { Architecture = Images.Architecture, Os = "linux", RootFs = new RootFs { DiffIds = [layer.DiffId] } }, [layer.Blob], null, Cancellation);
    }

    /// <summary>image-spec v1.1, image-layout.md.</summary>
    private async Task<string> MakeLayout(Image image)
    {
        var layout = Path.Combine(_store.Root, "layout");
        Directory.CreateDirectory(Path.Combine(layout, "blobs/sha256"));
        foreach (var digest in _store.Blobs.All())
        {
            File.Copy(_store.Blobs.PathOf(digest)!, Path.Combine(layout, "blobs/sha256", digest.Hex), overwrite: true);
        }

        var index = new ImageIndex
        {
            Manifests = [new Descriptor
            {
                MediaType = MediaTypes.Manifest,
                Digest = image.Digest,
                Size = new FileInfo(_store.Blobs.PathOf(image.Digest)!).Length,
                Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = "any" },
            }],
        };
        await File.WriteAllTextAsync(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""", Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(layout, "index.json"), JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), Cancellation);
        return layout;
    }

    private string Remote(string name) => $"docker://127.0.0.1:{_registry.Url.Port}/{name}";

    private async Task Copy(params string[] arguments)
    {
        var (exitCode, output) = await Run(_registry.Token, ["copy", .. arguments]);
        Assert.True(exitCode == 0, output);
    }

    private async Task<(int ExitCode, string Output)> Run(string token, IReadOnlyList<string> arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/skopeo"), "needs skopeo (apt install skopeo)");
        string[] flags = arguments[0] == "inspect"
            ? ["--tls-verify=false", "--creds", $"x:{token}"]
            : arguments[^1].StartsWith("docker:", StringComparison.Ordinal)
                ? ["--dest-tls-verify=false", "--dest-creds", $"x:{token}"]
                : ["--src-tls-verify=false", "--src-creds", $"x:{token}"];
        var start = new ProcessStartInfo("skopeo", ["--insecure-policy", arguments[0], .. flags, .. arguments.Skip(1)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Its cache of known blobs would mount instead of push; a proxy of the machine has no business here.
        start.Environment["HOME"] = _store.Root;
        start.Environment["XDG_DATA_HOME"] = _store.Root;
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output.ToString());
    }
}
