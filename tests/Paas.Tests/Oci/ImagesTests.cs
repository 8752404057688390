using System.Text;
using System.Text.Json;

namespace Paas.Oci;

public sealed class ImagesTests : IDisposable
{
    private readonly TempStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_of_127_layers_is_made_read_and_unpacked()
    {
        var layers = new List<Layer>();
        for (var number = 0; number < 127; number++)
        {
            _store.Write("file", $"{number}");
            layers.Add(await _store.Layers.CreateAsync([new LayerSource(Path.Combine(_store.Source, "file"), $"layer/{number}", 0, 0)], Cancellation));
        }

        var image = await Put(layers);
        foreach (var layer in layers)
        {
            _store.Snapshots.TryDelete(layer.DiffId, DateTimeOffset.MaxValue, () => true);
        }

        var read = await _store.Images.ReadAsync(image.Digest, Cancellation);
        var directories = await _store.Images.UnpackAsync(read, Cancellation);
        Assert.Equal(127, directories.Count);
        Assert.True(File.Exists(Path.Combine(directories[0], "layer/126")));
        Assert.True(File.Exists(Path.Combine(directories[126], "layer/0")));
        Assert.Equal(directories, await _store.Images.UnpackAsync(read, Cancellation));
    }

    [Fact]
    public async Task A_manifest_is_canonical_json()
    {
        var image = await Put([new Layer(DiffId.Parse("sha256:" + new string('a', 64)), new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = Digest.Of("l"u8), Size = 1 })]);
        var text = Encoding.UTF8.GetString(await _store.Blobs.ReadAsync(image.Digest, Cancellation));
        Assert.Equal(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{image.Manifest.Config.Digest}}","size":{{image.Manifest.Config.Size}}},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Digest.Of("l"u8)}}","size":1}]}""",
            text);
        Assert.Equal(
            $$$"""{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:{{{new string('a', 64)}}}"]}}""",
            Encoding.UTF8.GetString(await _store.Blobs.ReadAsync(image.Manifest.Config.Digest, Cancellation)));
    }

    [Fact]
    public async Task An_index_resolves_to_this_machines_platform()
    {
        var image = await Put([]);
        var index = new ImageIndex
        {
            Manifests =
            [
                new Descriptor { MediaType = MediaTypes.Manifest, Digest = Digest.Of("other"u8), Size = 5, Platform = new Platform { Os = "windows", Architecture = Images.Architecture } },
                new Descriptor { MediaType = MediaTypes.Manifest, Digest = image.Digest, Size = 5, Platform = new Platform { Os = "linux", Architecture = Images.Architecture } },
            ],
        };
        var stored = await _store.Blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), MediaTypes.Index, Cancellation);
        Assert.Equal(image.Digest, (await _store.Images.ReadAsync(stored.Digest, Cancellation)).Digest);
    }

    [Fact]
    public async Task An_index_without_this_platform_says_so()
    {
        var stored = await _store.Blobs.PutAsync("""{"schemaVersion":2,"manifests":[]}"""u8.ToArray(), MediaTypes.Index, Cancellation);
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => _store.Images.ReadAsync(stored.Digest, Cancellation));
        Assert.Equal($"The image index {stored.Digest.Short} has no image for linux/{Images.Architecture}.", failure.Message);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"config":5,"layers":[]}""")]
    [InlineData("""{"config":{"mediaType":"x","digest":"sha256:../../etc","size":1},"layers":[]}""")]
    public async Task What_is_no_image_is_refused(string content)
    {
        var stored = await _store.Blobs.PutAsync(Encoding.UTF8.GetBytes(content), MediaTypes.Manifest, Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Images.ReadAsync(stored.Digest, Cancellation));
    }

    [Fact]
    public async Task Layers_and_diff_ids_must_be_as_many()
    {
        var layer = await _store.Layers.CreateAsync([new LayerSource(null, "x", 0, 0, Directory: true)], Cancellation);
        var image = await Put([layer]);
        var odd = image with { Config = image.Config with { RootFs = new RootFs { DiffIds = [] } } };
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Images.UnpackAsync(odd, Cancellation));
    }

    public void Dispose() => _store.Dispose();

    private Task<Image> Put(IReadOnlyList<Layer> layers) => _store.Images.PutAsync(
        new ImageConfig { Architecture = "amd64", Os = "linux", Config = new RunConfig { Env = ["PATH=/bin"] }, RootFs = new RootFs { DiffIds = [.. layers.Select(layer => layer.DiffId)] } },
        [.. layers.Select(layer => layer.Blob)],
        null,
        Cancellation);
}
