using System.Text.Json;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Images as somebody else's build makes them: a static program in one layer, in an OCI layout that skopeo copies from. Needs no network.</summary>
internal sealed class ForeignImages : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paas-foreign-").FullName;
    private int _made;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="run">"/pushed" is the program.</param>
    /// <param name="bend">Makes the config say something else.</param>
    /// <param name="file">A name in the layer, which makes it another.</param>
    /// <returns>As skopeo names it: "oci:/folder:any".</returns>
    public async Task<string> MakeAsync(RunConfig run, Func<ImageConfig, ImageConfig>? bend = null, string file = "same")
    {
        var root = Path.Combine(_folder, $"{++_made}");
        var program = Path.Combine(_folder, "pushed");
        if (!File.Exists(program))
        {
            (await Command.RunAsync("/usr/bin/musl-gcc", ["-static", "-Os", "-s", "-o", program, Path.Combine(AppContext.BaseDirectory, "pushed.c")], Cancelled)).Succeeded();
        }

        var blobs = new BlobStore(Path.Combine(root, "blobs"));
        var snapshots = new Snapshots(Path.Combine(root, "snapshots"));
        var passwd = Path.Combine(_folder, "passwd");
        await File.WriteAllTextAsync(passwd, "root:x:0:0::/:/\nwww:x:101:102::/:/\n", Cancelled);
        var layer = await new Layers(blobs, snapshots).CreateAsync(
            [
                new LayerSource(program, "pushed", 0, 0, Mode: 0x1ed),
                new LayerSource(passwd, "etc/passwd", 0, 0, Mode: 0x1a4),
                new LayerSource(passwd, $"marks/{file}", 0, 0, Mode: 0x1a4),
                new LayerSource(null, "tmp", 0, 0, Directory: true, Mode: 0x3ff),
            ],
            Cancelled);
        var config = new ImageConfig { Architecture = Images.Architecture, Os = "linux", Config = run, RootFs = new RootFs { DiffIds = [layer.DiffId] } };
        var image = await new Images(blobs, snapshots).PutAsync(bend is null ? config : bend(config), [layer.Blob], null, Cancelled);
        var index = new ImageIndex
        {
            Manifests = [new Descriptor
            {
                MediaType = MediaTypes.Manifest,
                Digest = image.Digest,
                Size = blobs.SizeOf(image.Digest)!.Value,
                Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = "any" },
            }],
        };
        var layout = Directory.CreateDirectory(Path.Combine(root, "layout", "blobs", "sha256")).Parent!.Parent!.FullName;
        foreach (var digest in blobs.All())
        {
            File.Copy(blobs.PathOf(digest)!, Path.Combine(layout, "blobs", "sha256", digest.Hex));
        }

        await File.WriteAllTextAsync(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""", Cancelled);
        await File.WriteAllBytesAsync(Path.Combine(layout, "index.json"), JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), Cancelled);
        return $"oci:{layout}:any";
    }

    /// <summary>skopeo copy of an image to a registry without TLS.</summary>
    public Task<Ended> PushAsync(string image, string target, string credentials)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/skopeo"), "needs skopeo: run tests/run.sh");

        // Its cache of known blobs would mount instead of push.
        return Command.RunAsync(
            "skopeo", ["--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-creds", credentials, image, $"docker://{target}"], Cancelled,
            environment: new Dictionary<string, string> { ["HOME"] = _folder, ["XDG_DATA_HOME"] = _folder });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
