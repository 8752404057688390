using Paas.Oci;

namespace Paas.Registry;

public sealed class RegistryUsageTests : IDisposable
{
    private readonly CollectionLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private RegistryUsage Usage => _lab.Get<RegistryUsage>();

    [Fact]
    public async Task Shared_bytes_are_told_apart_from_those_that_only_one_repository_has()
    {
        await _lab.BlobAsync(_lab.Hello, "shared.......");
        await _lab.BlobAsync(_lab.Base, "shared.......");
        await _lab.BlobAsync(_lab.Hello, "own");
        var repositories = Usage.Repositories(1);
        Assert.Equal(["base/node 13 13 0", "hello 16 13 3"], repositories.Select(usage => $"{usage.Name} {usage.Bytes} {usage.SharedBytes} {usage.OwnBytes}"));
        Assert.Equal(new AppUsage(_lab.AppId, 16, 13, 0), Usage.App(_lab.AppId));
        var store = Usage.Store();
        Assert.Equal((2, 16L, 0), (store.Blobs, store.BlobBytes, store.Snapshots));
        Assert.InRange(store.DiskFree, 1, store.DiskBytes);
    }

    [Fact]
    public async Task Manifests_and_unpacked_layers_count()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_lab.Home.Root, "source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), new string('x', 5000), Cancelled);
        var layer = await new Layers(_lab.Blobs, _lab.Snapshots).CreateAsync([new LayerSource(folder, "app", 0, 0)], Cancelled);
        var image = await _lab.Images.PutAsync(new ImageConfig { Architecture = Images.Architecture, Os = "linux", RootFs = new RootFs { DiffIds = [layer.DiffId] } }, [layer.Blob], null, Cancelled);
        _lab.Store.LinkImage(_lab.AppId, image, "v1");
        var usage = Usage.App(_lab.AppId);
        var blobs = Usage.Store().BlobBytes;
        Assert.Equal(blobs, usage.Bytes);

        // The file in two blocks, its folder in one.
        Assert.Equal(3 * 4096, usage.SnapshotBytes);
        Assert.Equal((1, 3L * 4096), (Usage.Store().Snapshots, Usage.Store().SnapshotBytes));
    }

    public void Dispose() => _lab.Dispose();
}
