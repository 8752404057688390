using System.Text.Json;
using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>Brings images from the content store into buildah's own, as an OCI layout on the build's disk (image-spec v1.1, image-layout.md): the build
/// needs no registry and sees no login.</summary>
internal sealed class DockerfileBases(BlobStore blobs)
{
    private const string Layout = "bases";

    /// <summary>The reference in a layout of one image.</summary>
    private const string Only = "base";

    /// <summary>What the image is called in buildah's store.</summary>
    public static string NameOf(Image image) => $"localhost/paas/base:{image.Digest.Hex}";

    /// <exception cref="BuildFailureException">dockerfile_image: it cannot be unpacked.</exception>
    public async Task BringAsync(DockerfileSandbox place, Dockerfile dockerfile, IReadOnlyDictionary<DockerfileImage, BaseImage> images, CancellationToken cancellationToken)
    {
        var there = place.IsWarm ? await NamesAsync(place, cancellationToken) : [];
        foreach (var (named, image) in images.DistinctBy(pair => pair.Value.Image.Digest).Where(pair => !there.Contains(NameOf(pair.Value.Image))))
        {
            await WriteLayoutAsync(Path.Combine(place.Root, Layout), image.Image, cancellationToken);
            var id = await PullAsync(place, dockerfile, named, image.Image, cancellationToken);
            var said = new List<string>();
            if (await place.RunAsync("tag", [id, NameOf(image.Image)], said.Add, said.Add, cancellationToken) != 0)
            {
                throw DockerfileFaults.NoImage(dockerfile.Name, named, said.LastOrDefault() ?? "");
            }

            Directory.Delete(Path.Combine(place.Root, Layout), recursive: true);
        }
    }

    private static async Task<string> PullAsync(DockerfileSandbox place, Dockerfile dockerfile, DockerfileImage named, Image image, CancellationToken cancellationToken)
    {
        var (output, error) = (new List<string>(), new List<string>());
        var exit = await place.RunAsync(
            "pull", ["--quiet", "--signature-policy", DockerfileSandbox.PolicyFile, $"oci:{DockerfileSandbox.Inside}/{Layout}:{Only}"], output.Add, error.Add, cancellationToken);
        if (exit == 0 && output is [.., { Length: > 0 } id])
        {
            return id;
        }

        throw BuildFailures.ByMachine(place.Observed) is { } limit
            ? new BuildFailureException(limit.Code, limit.Sentence)
            : DockerfileFaults.NoImage(dockerfile.Name, named, $"It could not be unpacked: {State.Printable.Cut(error.LastOrDefault(), 300)}");
    }

    /// <summary>As far as it can be read: what is not found there is brought again.</summary>
    private static async Task<HashSet<string>> NamesAsync(DockerfileSandbox place, CancellationToken cancellationToken)
    {
        var output = new List<string>();
        await place.RunAsync("images", ["--format", "{{.Name}}:{{.Tag}}"], output.Add, static _ => { }, cancellationToken);
        return output.ToHashSet(StringComparer.Ordinal);
    }

    private async Task WriteLayoutAsync(string folder, Image image, CancellationToken cancellationToken)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new Manifest
            {
                Config = image.Manifest.Config with { MediaType = MediaTypes.Config },
                Layers = [.. image.Manifest.Layers.Select(layer => layer with { MediaType = layer.MediaType == MediaTypes.DockerLayerGzip ? MediaTypes.LayerGzip : layer.MediaType })],
            },
            OciJson.Canonical.Manifest);
        var digest = Digest.Of(manifest);
        var store = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(store, digest.Hex), manifest, cancellationToken);
        foreach (var blob in image.Manifest.Layers.Prepend(image.Manifest.Config).DistinctBy(blob => blob.Digest))
        {
            await using var from = blobs.OpenRead(blob.Digest);
            await using var to = new FileStream(Path.Combine(store, blob.Digest.Hex), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = 0 });
            await from.CopyToAsync(to, 1 << 20, cancellationToken);
        }

        var index = new ImageIndex
        {
            Manifests =
            [
                new Descriptor
                {
                    MediaType = MediaTypes.Manifest, Digest = digest, Size = manifest.Length,
                    Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = Only },
                },
            ],
        };
        await File.WriteAllBytesAsync(Path.Combine(folder, "index.json"), JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}", cancellationToken);
    }
}
