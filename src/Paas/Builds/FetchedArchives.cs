using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Archives of runtimes and tools that buildpacks fetch from their makers: fetched once for all apps. Each is named by its own hash, so that nobody
/// has to be asked whether what a build left is what it says. Builds see them read-only.</summary>
/// <param name="cache">Shared by all homes of the machine.</param>
internal sealed class FetchedArchives(StackCache cache, TimeProvider time)
{
    /// <summary>Where builds see them: sha256-&lt;hex&gt; and sha512-&lt;hex&gt;.</summary>
    public const string Inside = "/cnb/archives";

    /// <summary>In [metadata] of a buildpack.toml: this buildpack takes archives from here, and leaves what it fetched.</summary>
    public const string Wish = "archives";

    /// <summary>Where a buildpack leaves what it fetched, below its layers directory.</summary>
    public const string Fetched = ".fetched/archives";

    private readonly KeptArchives _kept = new(cache.Archives, time);

    /// <summary>Whether a buildpack asks for this.</summary>
    public static bool IsWantedBy(Buildpack buildpack) => buildpack.Metadata.ContainsKey(Wish);

    /// <summary>Shows them to a build.</summary>
    public void Show(BuildSandbox place)
    {
        Directory.CreateDirectory(_kept.Folder);
        place.Show([new SandboxMount(_kept.Folder, Inside, ReadOnly: true)], []);
    }

    /// <summary>Keeps what a buildpack fetched.</summary>
    /// <param name="tree">The build's layers.</param>
    /// <param name="buildpack">Who fetched.</param>
    /// <param name="cancellationToken">Leaves nothing half done.</param>
    /// <returns>How many it took.</returns>
    public int Keep(UntrustedTree tree, Buildpack buildpack, CancellationToken cancellationToken) =>
        _kept.Take(tree, Path.Combine(buildpack.LayersName, Fetched), Promises, cancellationToken);

    private static ILookup<string, Digest> Promises(IReadOnlySet<string> names) =>
        names.Where(name => DigestOf(name) is not null).ToLookup(name => name, name => DigestOf(name)!.Value);

    /// <summary>What the name promises; null: it is not the name of an archive.</summary>
    private static Digest? DigestOf(string name) => name.Split('-') is [var algorithm, var hex] && Digest.TryParse($"{algorithm}:{hex}", out var digest) ? digest : null;
}
