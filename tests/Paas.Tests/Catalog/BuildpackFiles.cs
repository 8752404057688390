using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Paas.Oci;
using TarEntry = System.Formats.Tar.TarEntry;

namespace Paas.Catalog;

/// <summary>Buildpacks, archives and packages as people make them.</summary>
internal static class BuildpackFiles
{
    public const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    public const UnixFileMode Plain = (UnixFileMode)0b110_100_100;

    public static string Toml(string id, string version, string api = "0.10") => $"api = \"{api}\"\n[buildpack]\nid = \"{id}\"\nversion = \"{version}\"\ndescription = \"says hello\"\n";

    /// <summary>A composite of these, "id@version" each.</summary>
    public static string Composite(string id, string version, params string[] parts) =>
        Toml(id, version) + "[[order]]\n" + string.Concat(parts.Select(part => part.Split('@')).Select(part => $"[[order.group]]\nid = \"{part[0]}\"\nversion = \"{part[1]}\"\n"));

    /// <summary>Files of a whole shell buildpack.</summary>
    public static List<TarEntry> Whole(string id, string version, string prefix = "", string api = "0.10") =>
    [
        Text($"{prefix}buildpack.toml", Toml(id, version, api)),
        Text($"{prefix}bin/detect", "#!/bin/sh\nexit 0\n", Executable),
        Text($"{prefix}bin/build", "#!/bin/sh\nexit 0\n", Executable),
    ];

    public static TarEntry Text(string name, string content, UnixFileMode mode = Plain) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode };

    public static TarEntry Link(string name, string target, TarEntryType type = TarEntryType.SymbolicLink) => new PaxTarEntry(type, name) { LinkName = target };

    public static byte[] Tar(params IEnumerable<TarEntry> entries)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                if (entry.DataStream is { } content)
                {
                    content.Position = 0;
                }

                tar.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Blobs of a package: manifest, config and one layer.</summary>
    /// <param name="label">Of the metadata; null: the label is missing.</param>
    public static (byte[] Manifest, byte[] Config, byte[] Layer) Package(byte[] layer, string? label)
    {
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = Images.Architecture,
            os = "linux",
            config = new { Labels = label is null ? [] : new Dictionary<string, string> { ["io.buildpacks.buildpackage.metadata"] = label } },
            rootfs = new { type = "layers", diff_ids = new[] { Digest.Of(layer).ToString() } },
        });
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = MediaTypes.Manifest,
            config = new { mediaType = MediaTypes.Config, digest = Digest.Of(config).ToString(), size = config.Length },
            layers = new[] { new { mediaType = MediaTypes.Layer, digest = Digest.Of(layer).ToString(), size = layer.Length } },
        });
        return (manifest, config, layer);
    }

    /// <summary>A .cnb file.</summary>
    public static byte[] Cnb(byte[] layer, string? label)
    {
        var package = Package(layer, label);
        var index = JsonSerializer.Serialize(new
        {
            schemaVersion = 2,
            manifests = new[] { new { mediaType = MediaTypes.Manifest, digest = Digest.Of(package.Manifest).ToString(), size = package.Manifest.Length } },
        });
        return Tar(
            Text("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""), Text("index.json", index), Blob(package.Manifest), Blob(package.Config), Blob(package.Layer));

        static TarEntry Blob(byte[] content) => new PaxTarEntry(TarEntryType.RegularFile, $"blobs/sha256/{Digest.Of(content).Hex}") { DataStream = new MemoryStream(content), Mode = Plain };
    }
}
