using Paas.Oci;

namespace Paas.Registry;

public sealed class CollectionOfSnapshotsTests : IDisposable
{
    private static readonly TimeSpan Later = TimeSpan.FromHours(3);

    private readonly CollectionLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Layers Layers => new(_lab.Blobs, _lab.Snapshots);

    [Fact]
    public async Task What_runs_stays_unpacked_and_what_can_be_rolled_back_to_is_unpacked_again()
    {
        var (running, old) = (await ImageAsync("running"), await ImageAsync("old"));
        _lab.Needs.Add(new ContentRoot("release v2 of hello") { Image = running.Digest, Unpacked = true });
        _lab.Needs.Add(new ContentRoot("release v1 of hello") { Image = old.Digest });
        var report = await _lab.LaterBy(Later).CollectAsync();
        Assert.Equal("1 Snapshot", CollectionLab.Said(report));
        Assert.True(report.Bytes >= 4096);
        Assert.Single(_lab.Snapshots.All());
        Assert.True(_lab.Snapshots.Contains(running.Config.RootFs.DiffIds[0]));

        var path = Assert.Single(await _lab.Images.UnpackAsync(await _lab.Images.ReadAsync(old.Digest, Cancelled), Cancelled));
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(path, "file"), Cancelled));
    }

    [Fact]
    public async Task The_only_copy_of_a_layer_stays()
    {
        var image = await ImageAsync("lonely");
        _lab.Needs.Add(new ContentRoot("release v1 of hello") { Image = image.Digest });
        File.Delete(_lab.Blobs.PathOf(image.Manifest.Layers[0].Digest)!);
        await _lab.LaterBy(Later).CollectAsync();
        Assert.True(_lab.Snapshots.Contains(image.Config.RootFs.DiffIds[0]));
    }

    [Fact]
    public async Task What_was_unpacked_or_mounted_a_moment_ago_stays()
    {
        var image = await ImageAsync("fresh");
        _lab.LaterBy(Later);
        Directory.SetLastWriteTimeUtc(_lab.Snapshots.PathOf(image.Config.RootFs.DiffIds[0])!, _lab.Time.GetUtcNow().UtcDateTime);
        await _lab.CollectAsync();
        Assert.Single(_lab.Snapshots.All());
    }

    [Fact]
    public async Task What_a_one_off_runs_from_stays_while_it_runs()
    {
        var image = await ImageAsync("one-off");
        using (_lab.Images.Uses.Begin(image.Digest))
        {
            await _lab.LaterBy(Later).CollectAsync();
            Assert.Single(_lab.Snapshots.All());
            Assert.Equal(3, _lab.Blobs.All().Count());
        }

        await _lab.CollectAsync();
        Assert.Empty(_lab.Snapshots.All());
        Assert.Empty(_lab.Blobs.All());
        Assert.Equal(0, _lab.Count("snapshot_sizes"));
    }

    [Fact]
    public async Task A_builds_cache_keeps_its_layers_unpacked()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder(), "file"), "cache", Cancelled);
        var diffId = await Layers.CreateSnapshotAsync([new LayerSource(Folder(), "cache", 0, 0)], null, Cancelled);
        _lab.Needs.Add(new ContentRoot("a build") { Snapshots = [diffId] });
        await _lab.LaterBy(Later).CollectAsync();
        Assert.True(_lab.Snapshots.Contains(diffId));
        _lab.Needs.Clear();
        await _lab.CollectAsync();
        Assert.False(_lab.Snapshots.Contains(diffId));
    }

    public void Dispose() => _lab.Dispose();

    private string Folder() => Directory.CreateDirectory(Path.Combine(_lab.Home.Root, "source")).FullName;

    private async Task<Image> ImageAsync(string content)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder(), "file"), content, Cancelled);
        var layer = await Layers.CreateAsync([new LayerSource(Path.Combine(Folder(), "file"), "file", 0, 0)], Cancelled);
        return await _lab.Images.PutAsync(new ImageConfig { Architecture = Images.Architecture, Os = "linux", RootFs = new RootFs { DiffIds = [layer.DiffId] } }, [layer.Blob], null, Cancelled);
    }
}
