using System.Security.Cryptography;
using System.Text.Json;
using Paas.Oci;

namespace Paas.Catalog;

/// <summary>A .cnb file: the tar of an OCI image layout (image-spec v1.1, image-layout.md), unpacked into a folder.</summary>
internal static class PackageFile
{
    private const int MaxDocument = 4 << 20;

    /// <summary>A tar of a buildpack's own files has none of these at its top.</summary>
    public static bool IsLayout(string directory) => new Buildpacks.UntrustedTree(directory).FileNames("") is var names && names.Contains("oci-layout") && names.Contains("index.json");

    /// <param name="directory">The unpacked layout.</param>
    /// <param name="files">Empty; gets the buildpacks.</param>
    /// <returns>And the digest of the package's manifest.</returns>
    /// <exception cref="BuildpackRefusedException">It is damaged, or no buildpackage.</exception>
    public static (Package Package, Digest Digest) Unpack(string directory, string files, CancellationToken cancellationToken)
    {
        var tree = new Buildpacks.UntrustedTree(directory);
        try
        {
            var (digest, manifest) = Find(tree, JsonSerializer.Deserialize(tree.ReadText("index.json")!, OciJson.Canonical.ImageIndex)!, 0);
            var config = JsonSerializer.Deserialize(Document(tree, manifest.Config.Digest), OciJson.Canonical.ImageConfig)!;
            return (Package.Unpack(config.Config?.Labels, manifest.Layers.Select(layer => (Func<Stream>)(() => Open(tree, layer.Digest))), files, cancellationToken), digest);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or IOException or NullReferenceException)
        {
            throw new BuildpackRefusedException("buildpack_invalid", $"The package is damaged: {State.Printable.Cut(error.Message, 200)}", error);
        }
    }

    private static (Digest Digest, Manifest Manifest) Find(Buildpacks.UntrustedTree tree, ImageIndex index, int depth)
    {
        var mine = index.Manifests.FirstOrDefault(item => item.Platform is null || (item.Platform.Os == "linux" && item.Platform.Architecture == Images.Architecture))
            ?? throw new BuildpackRefusedException("buildpack_invalid", $"The package has nothing for linux/{Images.Architecture}, which this server is: it has {ImagePull.PlatformsOf(index)}.");
        var content = Document(tree, mine.Digest);
        return !OciJson.IsIndex(content)
            ? (mine.Digest, JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest)!)
            : depth < 4 ? Find(tree, JsonSerializer.Deserialize(content, OciJson.Canonical.ImageIndex)!, depth + 1) : throw new InvalidDataException("an index in an index in an index.");
    }

    private static byte[] Document(Buildpacks.UntrustedTree tree, Digest digest)
    {
        using var stream = Open(tree, digest);
        return stream.Length <= MaxDocument ? Copy(stream).ToArray() : throw new InvalidDataException($"{digest.Short} is too large for a manifest.");
    }

    /// <summary>The blob, hashed before anything reads it.</summary>
    private static FileStream Open(Buildpacks.UntrustedTree tree, Digest digest)
    {
        var stream = new FileStream(tree.OpenFile($"blobs/{digest.Algorithm}/{digest.Hex}"), FileAccess.Read, bufferSize: 0);
        var actual = digest.Algorithm == "sha512" ? SHA512.HashData(stream) : SHA256.HashData(stream);
        if (Digest.FromHash(actual) != digest)
        {
            stream.Dispose();
            throw new InvalidDataException($"blobs/{digest.Algorithm}/{digest.Hex} has other content than its name says.");
        }

        stream.Position = 0;
        return stream;
    }

    private static MemoryStream Copy(Stream stream)
    {
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy;
    }
}
