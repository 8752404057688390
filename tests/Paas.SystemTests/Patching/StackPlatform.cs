using Paas.Builds;
using Paas.Oci;
using Paas.Testing;
using Platform = Paas.Testing.Platform;

namespace Paas.Patching;

/// <summary>A platform whose base images are its own to change: its cache has the machine's by hard links, and what is added to it is nobody else's.</summary>
public sealed class StackPlatform : IAsyncLifetime
{
    public const string Name = "a platform whose base images are its own";

    private static readonly string Shared = Environment.GetEnvironmentVariable("PAAS_CACHE") is { Length: > 0 } set ? set : "/var/cache/paas";

    private readonly string _cache = $"/var/tmp/paas-cache-{Guid.NewGuid().ToString("N")[..8]}";
    private int _made;

    public StackPlatform() => Platform = new Platform { Options = { ["PAAS_CACHE"] = _cache } };

    public Platform Platform { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName == "root" && Directory.Exists(Path.Combine(Shared, "stacks")))
        {
            Directory.CreateDirectory(_cache);
            foreach (var part in new[] { "blobs", "snapshots", "stacks", "packages" }.Where(part => Directory.Exists(Path.Combine(Shared, part))))
            {
                (await Command.RunAsync("cp", ["-al", Path.Combine(Shared, part), _cache], CancellationToken.None)).Succeeded();
            }
        }

        await Platform.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        if (Directory.Exists(_cache))
        {
            Directory.Delete(_cache, recursive: true);
        }
    }

    /// <summary>As if somebody had made base images with a newer nginx: the run image of now with one layer more, which is the newest from then on.</summary>
    /// <returns>Digest of its manifest, and the version that its package list has.</returns>
    public async Task<(Digest Run, string Version)> NewRunImageAsync()
    {
        var (blobs, snapshots) = (new BlobStore(Path.Combine(_cache, "blobs")), new Snapshots(Path.Combine(_cache, "snapshots")));
        var images = new Images(blobs, snapshots);
        var cache = new StackCache(_cache);
        var recipes = StackRecipes.Read(Path.Combine(Environment.GetEnvironmentVariable("PAAS_PLATFORM")!, "buildpacks"));
        var newest = cache.Newest(recipes)!;
        var run = await images.ReadAsync(Digest.Parse(newest.Run), Token);
        var layers = await images.UnpackAsync(run, Token);
        var status = await File.ReadAllTextAsync(layers.Select(layer => Path.Combine(layer, "var/lib/dpkg/status")).First(File.Exists), Token);
        var version = FormattableString.Invariant($"99.{++_made}");
        var work = Directory.CreateTempSubdirectory("paas-newer-").FullName;
        try
        {
            var file = Path.Combine(work, "status");
            await File.WriteAllTextAsync(file, status.Replace($"Version: {newest.Packages["run"]["nginx"]}\n", $"Version: {version}\n", StringComparison.Ordinal), Token);
            var layer = await new Layers(blobs, snapshots).CreateAsync([new LayerSource(file, "var/lib/dpkg/status", 0, 0, Mode: 0b110_100_100)], Token);
            var config = run.Config with
            {
                RootFs = new RootFs { DiffIds = [.. run.Config.RootFs.DiffIds, layer.DiffId] },
                History = [.. run.Config.History!, new History { CreatedBy = $"nginx {version}" }],
            };
            var made = await images.PutAsync(config, [.. run.Manifest.Layers, layer.Blob], null, Token);
            var packages = newest.Packages.ToDictionary(image => image.Key, image => new SortedDictionary<string, string>(image.Value, StringComparer.Ordinal));
            packages["run"]["nginx"] = version;
            packages["run"]["nginx-common"] = version;
            cache.Add(new StackEntry(recipes.Hash, made.Digest.ToString(), newest.Build, packages, DateTimeOffset.UnixEpoch.AddDays(20_000 + _made)));
            return (made.Digest, version);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}

[CollectionDefinition(StackPlatform.Name)]
public sealed class StackPlatformTests : ICollectionFixture<StackPlatform>;
