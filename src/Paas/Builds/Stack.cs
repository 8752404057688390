using System.Text.Json;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>The base images of builds: apps are built in one and run on the other.</summary>
public sealed record Stack(Digest Run, Digest Build);

/// <summary>One set of base images, made once: stacks/&lt;hash of recipe and resolved package versions&gt;.json.</summary>
/// <param name="Recipe">Hash of the recipes.</param>
/// <param name="Run">Digest of the run image's manifest.</param>
/// <param name="Build">Digest of the build image's manifest.</param>
/// <param name="Packages">By image id: package names with versions.</param>
/// <param name="Made">When, for people.</param>
internal sealed record StackEntry(
    string Recipe, string Run, string Build, IReadOnlyDictionary<string, SortedDictionary<string, string>> Packages, DateTimeOffset Made);

/// <summary>stacks/&lt;recipe hash&gt;.json: which entry is the newest.</summary>
internal sealed record StackPointer(string Entry);

/// <summary>The shared cache of base images, a second root of the content store that only root's `paasd stack` writes
/// (architecture, "Two homes on one machine").</summary>
/// <param name="root">PAAS_CACHE; default /var/cache/paas.</param>
public sealed class StackCache(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>A read-only root for every home's <see cref="BlobStore"/>.</summary>
    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>A read-only root for every home's <see cref="Paas.Oci.Snapshots"/>.</summary>
    public string Snapshots => Path.Combine(Root, "snapshots");

    /// <summary>Downloaded packages: apt/&lt;image id&gt;/archives.</summary>
    public string Apt => Path.Combine(Root, "apt");

    /// <summary>What builds need of the package registry.</summary>
    public string Packages => Path.Combine(Root, "packages");

    /// <summary>Debian's packages for builds: lists/ and archives/.</summary>
    public string Debian => Path.Combine(Root, "debian");

    /// <summary>What builds fetched from makers of runtimes and tools, each archive named by its own hash.</summary>
    public string Archives => Path.Combine(Root, "archives");

    private string Stacks => Path.Combine(Root, "stacks");

    /// <summary>The newest images of these recipes; null: not made yet.</summary>
    public Stack? Find(StackRecipes recipes) =>
        Newest(recipes) is { } entry
            ? new Stack(Digest.Parse(entry.Run), Digest.Parse(entry.Build))
            : null;

    /// <summary>The newest entry of these recipes with its packages; null: not made yet.</summary>
    internal StackEntry? Newest(StackRecipes recipes) =>
        Read(recipes.Hash, BuildsJson.Default.StackPointer) is { } pointer ? Read(pointer.Entry, BuildsJson.Default.StackEntry) : null;

    /// <summary>What was made with this run image, of whatever recipes; null: nobody knows it any more.</summary>
    /// <param name="run">Digest of its manifest.</param>
    internal StackEntry? OfRunImage(string run) => Entries().Where(entry => entry.Run == run).MaxBy(entry => entry.Made);

    /// <summary>Everything that was made.</summary>
    internal IReadOnlyList<StackEntry> Entries() =>
        [.. Names().Select(name => Read(name, BuildsJson.Default.StackEntry)).OfType<StackEntry>().Where(entry => entry is { Run: not null, Packages: not null })];

    /// <summary>The newest of each recipe that was ever made.</summary>
    internal IReadOnlyList<StackEntry> Pointed() =>
    [
        .. Names().Select(name => Read(name, BuildsJson.Default.StackPointer)).OfType<StackPointer>()
            .Where(pointer => pointer.Entry is not null)
            .Select(pointer => Read(pointer.Entry, BuildsJson.Default.StackEntry))
            .OfType<StackEntry>(),
    ];

    private IEnumerable<string> Names() => Directory.Exists(Stacks) ? Directory.GetFiles(Stacks, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)) : [];

    /// <summary>Writes the entry, then moves the pointer to it.</summary>
    internal void Add(StackEntry entry)
    {
        var versions = entry.Packages.OrderBy(image => image.Key, StringComparer.Ordinal)
            .SelectMany(image => image.Value.Select(package => $"{image.Key} {package.Key} {package.Value}"));
        var name = StackRecipes.Short([entry.Recipe, .. versions]);
        Directory.CreateDirectory(Stacks);
        Write(name, JsonSerializer.SerializeToUtf8Bytes(entry, BuildsJson.Default.StackEntry));
        Write(entry.Recipe, JsonSerializer.SerializeToUtf8Bytes(new StackPointer(name), BuildsJson.Default.StackPointer));
    }

    private T? Read<T>(string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        var file = Path.Combine(Stacks, name + ".json");
        return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), type) : null;
    }

    private void Write(string name, byte[] content)
    {
        var file = Path.Combine(Stacks, name + ".json");
        File.WriteAllBytes(file + ".new", content);
        File.Move(file + ".new", file, overwrite: true);
    }
}
