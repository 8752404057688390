using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>Real images of a few bytes in a content store of their own: run images, and apps as an exporter leaves them.</summary>
internal sealed class SmallImages : IDisposable
{
    public const string Metadata = "io.buildpacks.lifecycle.metadata";

    private readonly string _root = Directory.CreateTempSubdirectory("paas-rebase-").FullName;

    public SmallImages()
    {
        Blobs = new BlobStore(Path.Combine(_root, "blobs"));
        Snapshots = new Snapshots(Path.Combine(_root, "snapshots"));
        Images = new Images(Blobs, Snapshots);
    }

    /// <summary>In somebody else's store.</summary>
    public SmallImages(BlobStore blobs, Snapshots snapshots, Images images) => (Blobs, Snapshots, Images) = (blobs, snapshots, images);

    public BlobStore Blobs { get; }

    public Snapshots Snapshots { get; }

    public Images Images { get; }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>One layer with one file for each text.</summary>
    public async Task<Image> RunImageAsync(IReadOnlyDictionary<string, string>? labels = null, string variant = "", string architecture = "amd64", string os = "linux", params string[] layers)
    {
        var made = await LayersAsync(layers.Length == 0 ? ["etc/os-release=trixie"] : layers);
        var config = new ImageConfig
        {
            Created = "2026-01-01T00:00:00Z",
            Architecture = architecture,
            Os = os,
            Variant = variant.Length == 0 ? null : variant,
            Config = new RunConfig
            {
                User = "1002:1000",
                Env = ["PATH=/usr/bin:/bin", "FROM=run image"],
                Labels = new SortedDictionary<string, string>(new Dictionary<string, string>(labels ?? new Dictionary<string, string>
                {
                    ["io.buildpacks.base.distro.name"] = "debian",
                    ["io.buildpacks.base.distro.version"] = "13",
                    ["io.buildpacks.stack.id"] = "paas.stacks.trixie",
                }), StringComparer.Ordinal),
            },
            RootFs = new RootFs { DiffIds = [.. made.Select(layer => layer.DiffId)] },
            History =
            [
                .. made.Select((_, index) => new History { Created = "2026-01-01T00:00:00Z", CreatedBy = $"base {index}" }),
                new History { CreatedBy = "LABEL", EmptyLayer = true },
            ],
        };
        return await Images.PutAsync(config, [.. made.Select(layer => layer.Blob)], null, Token);
    }

    /// <summary>On the run image, with two layers of its own.</summary>
    /// <param name="metadata">Changes the lifecycle's label; null: as the exporter writes it.</param>
    public Task<Image> AppAsync(Image runImage, Action<JsonObject>? metadata = null, string? api = "0.15", params (string Key, string? Value)[] labels) =>
        AppAsync(runImage, ["layers/node/modules/index.js=module", "workspace/server.js=listen()"], (label, _) => metadata?.Invoke(label), api, labels);

    /// <param name="files">"path=content", each a layer.</param>
    /// <param name="metadata">Told the layers' diff ids.</param>
    public async Task<Image> AppAsync(
        Image runImage, IReadOnlyList<string> files, Action<JsonObject, IReadOnlyList<DiffId>>? metadata = null, string? api = "0.15", params (string Key, string? Value)[] labels)
    {
        var made = await LayersAsync(files);
        var label = new JsonObject
        {
            ["app"] = new JsonArray(new JsonObject { ["sha"] = made[^1].DiffId.ToString() }),
            ["buildpacks"] = new JsonArray(new JsonObject { ["key"] = "paas/node" }),
            ["runImage"] = new JsonObject { ["topLayer"] = runImage.Config.RootFs.DiffIds[^1].ToString(), ["reference"] = runImage.Digest.ToString(), ["image"] = "" },
            ["stack"] = new JsonObject { ["runImage"] = new JsonObject { ["image"] = "" } },
        };
        metadata?.Invoke(label, [.. made.Select(layer => layer.DiffId)]);
        var all = new SortedDictionary<string, string>(new Dictionary<string, string>(runImage.Config.Config!.Labels!), StringComparer.Ordinal) { [Metadata] = label.ToJsonString() };
        foreach (var (key, value) in labels)
        {
            all.Remove(key);
            if (value is not null)
            {
                all[key] = value;
            }
        }

        var config = runImage.Config with
        {
            Created = "1980-01-01T00:00:01Z",
            Config = new RunConfig
            {
                User = "1002:1000",
                Env = ["FROM=app", .. api is null ? Array.Empty<string>() : [$"CNB_PLATFORM_API={api}"]],
                Entrypoint = ["/cnb/process/web"],
                WorkingDir = "/workspace",
                Labels = all,
            },
            RootFs = new RootFs { DiffIds = [.. runImage.Config.RootFs.DiffIds, .. made.Select(layer => layer.DiffId)] },
            History = [.. runImage.Config.History!, .. made.SkipLast(1).Select(_ => new History { CreatedBy = "modules" }), new History { CreatedBy = "app" }],
        };
        return await Images.PutAsync(config, [.. runImage.Manifest.Layers, .. made.Select(layer => layer.Blob)], null, Token);
    }

    private async Task<List<Layer>> LayersAsync(IReadOnlyList<string> files)
    {
        var made = new List<Layer>();
        foreach (var (name, content) in files.Select(file => (file.Split('=', 2)[0], file.Split('=', 2)[1])))
        {
            var path = Path.Combine(_root, "file");
            await File.WriteAllTextAsync(path, content, Token);
            made.Add(await new Layers(Blobs, Snapshots).CreateAsync([new LayerSource(path, name, 0, 0, Mode: 0b110_100_100)], Token));
        }

        return made;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
