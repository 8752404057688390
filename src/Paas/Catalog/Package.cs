using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Oci;

namespace Paas.Catalog;

/// <summary>A buildpackage: an image whose layers hold buildpacks under /cnb/buildpacks/&lt;id&gt;/&lt;version&gt; (CNB distribution spec 0.3, "Buildpackage").</summary>
/// <param name="Main">Folder of the buildpack that the package is.</param>
/// <param name="Folders">All folders, parts first, <paramref name="Main"/> last.</param>
internal sealed record Package(string Main, IReadOnlyList<string> Folders)
{
    /// <summary>What a package may hold: those with runtimes in them are large.</summary>
    public static readonly ArchiveLimits Limits = new(100_000, 2L << 30);

    private const string MetadataLabel = "io.buildpacks.buildpackage.metadata";
    private const string BuilderLabel = "io.buildpacks.builder.metadata";
    private const string Root = "cnb/buildpacks";

    /// <summary>Unpacks the layers and finds the buildpacks.</summary>
    /// <param name="labels">Of the image's config.</param>
    /// <param name="layers">From the bottom; opened one after the other.</param>
    /// <param name="directory">Empty; gets the files.</param>
    /// <exception cref="BuildpackRefusedException">It is no buildpackage, or a layer is refused.</exception>
    public static Package Unpack(IReadOnlyDictionary<string, string>? labels, IEnumerable<Func<Stream>> layers, string directory, CancellationToken cancellationToken)
    {
        var about = Read(labels);
        try
        {
            foreach (var open in layers)
            {
                using var layer = open();
                Archive.Unpack(layer, directory, Limits, isLayer: true, cancellationToken);
            }
        }
        catch (InvalidDataException refused)
        {
            throw new BuildpackRefusedException("buildpack_archive_refused", $"A layer of the package is refused. {refused.Message}", refused);
        }

        var main = $"{Root}/{about.Id!.Replace('/', '_')}/{about.Version}";
        var tree = new Buildpacks.UntrustedTree(directory);
        var folders = tree.IsDirectory(Root) ? Names(tree, Root).SelectMany(id => Names(tree, $"{Root}/{id}").Select(version => $"{Root}/{id}/{version}")).ToList() : [];
        return folders.Remove(main)
            ? new(main, [.. folders, main])
            : throw new BuildpackRefusedException("buildpack_invalid", $"The package says that it is {about.Id} {about.Version}, but /{main} is not in its layers: make it again (pack buildpack package).");
    }

    private static IEnumerable<string> Names(Buildpacks.UntrustedTree tree, string path)
    {
        using var directory = tree.OpenDirectory(path);
        return [.. directory.Entries.Where(entry => entry is DirectoryInfo && entry.LinkTarget is null).Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    private static PackageLabel Read(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels?.GetValueOrDefault(MetadataLabel) is not { } text)
        {
            throw new BuildpackRefusedException("buildpack_invalid", labels?.ContainsKey(BuilderLabel) == true
                ? "This image is a builder: base images and many buildpacks in one. Add the buildpacks of it that you need by their own images."
                : $"This image is no buildpackage: it lacks the label {MetadataLabel}. An app's image is deployed with 'paas deploy --image'.");
        }

        try
        {
            return JsonSerializer.Deserialize(text, CatalogJson.Default.PackageLabel) is { Id: not null, Version: not null } about
                && Apps.BuildpackName.IsId(about.Id) && Apps.BuildpackName.IsVersion(about.Version) && !about.Version.Contains('/', StringComparison.Ordinal)
                ? about
                : throw new JsonException("it names no id and version");
        }
        catch (JsonException error)
        {
            throw new BuildpackRefusedException("buildpack_invalid", $"The label {MetadataLabel} of the package cannot be read: {State.Printable.Cut(error.Message, 200)}.", error);
        }
    }
}

/// <summary>The part of io.buildpacks.buildpackage.metadata that is needed here.</summary>
internal sealed record PackageLabel([property: JsonPropertyName("id")] string? Id, [property: JsonPropertyName("version")] string? Version);

[JsonSerializable(typeof(PackageLabel))]
internal sealed partial class CatalogJson : JsonSerializerContext;
