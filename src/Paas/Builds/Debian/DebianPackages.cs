using System.Globalization;
using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Engine.Native.Disk;

namespace Paas.Builds.Debian;

/// <summary>Debian's packages for the buildpacks that make layers of them: lists of today, fetched once an hour for all builds, and the archives
/// that builds before have fetched. Builds see both read-only.</summary>
/// <param name="cache">Shared by all homes of the machine.</param>
internal sealed class DebianPackages(BuildsOptions options, StackCache cache, TimeProvider time) : IDisposable
{
    /// <summary>Where builds see lists/, archives/, sources.list and apt.conf.</summary>
    public const string Inside = "/cnb/apt";

    /// <summary>In [metadata] of a buildpack.toml: this buildpack takes packages from here.</summary>
    public const string Wish = "debian";

    /// <summary>Where a buildpack leaves what it fetched, below its layers directory.</summary>
    public const string Fetched = ".fetched/debian";

    private const string SourcesFile = "sources.list";
    private const string SettingsFile = "apt.conf";

    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    /// <summary>A build that runs may still read lists that are no longer the newest.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    private readonly KeptArchives _archives = new(Path.Combine(cache.Debian, "archives"), time);
    private readonly SemaphoreSlim _turn = new(1, 1);

    private string Lists => Path.Combine(cache.Debian, "lists");

    /// <summary>Whether a buildpack asks for this.</summary>
    public static bool IsWantedBy(Buildpack buildpack) => buildpack.Metadata.ContainsKey(Wish);

    /// <summary>Lists not older than an hour where a mirror answers, else the last ones.</summary>
    /// <param name="line">Takes what the pusher should read.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    /// <returns>The folder to show at <see cref="Inside"/>; null: there are no lists, and buildpacks ask the mirrors themselves.</returns>
    public async Task<string?> ReadyAsync(Action<string> line, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var newest = Newest();
            if (newest is { } fresh && time.GetUtcNow() - fresh.Made < FreshFor)
            {
                return fresh.Folder;
            }

            line("Fetching Debian's package lists (once an hour for all builds)");
            try
            {
                var made = await RefreshAsync(cancellationToken);
                RemoveOld();
                return made;
            }
            catch (HostProgramException failure)
            {
                line($"Debian's package lists could not be fetched ({failure.LastLines.LastOrDefault(text => text.Length > 0) ?? $"{failure.Program} ended with exit code {failure.ExitCode}"}){(newest is { } old ? string.Create(CultureInfo.InvariantCulture, $": those of {old.Made:yyyy-MM-dd HH:mm} UTC are used.") : ".")}");
                return newest?.Folder;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Shows lists and archives to a build.</summary>
    /// <returns>The folder that is shown; null: none.</returns>
    public async Task<string?> ShowAsync(BuildSandbox place, Action<string> line, CancellationToken cancellationToken)
    {
        if (await ReadyAsync(line, cancellationToken) is not { } folder)
        {
            return null;
        }

        Directory.CreateDirectory(_archives.Folder);
        var hosts = AptSources.Hosts(new[] { SourcesFile, SettingsFile }.SelectMany(file => File.ReadLines(Path.Combine(folder, file))));
        place.Show(
            [new SandboxMount(folder, Inside, ReadOnly: true), new SandboxMount(_archives.Folder, $"{Inside}/archives", ReadOnly: true)],
            await PackageHosts.ReachAsync(hosts, cancellationToken));
        return folder;
    }

    /// <summary>Keeps what a buildpack fetched, where the signed lists promise exactly this content.</summary>
    /// <param name="tree">The build's layers.</param>
    /// <param name="buildpack">Who fetched.</param>
    /// <param name="folder">As <see cref="ShowAsync"/> gave it.</param>
    /// <param name="cancellationToken">Leaves nothing half done.</param>
    public void Keep(UntrustedTree tree, Buildpack buildpack, string folder, CancellationToken cancellationToken) =>
        _archives.Take(tree, Path.Combine(buildpack.LayersName, Fetched), names => DebianIndex.Find(Path.Combine(folder, "lists"), names), cancellationToken);

    public void Dispose() => _turn.Dispose();

    private (string Folder, DateTimeOffset Made)? Newest() => Made().Select(item => ((string, DateTimeOffset)?)item).FirstOrDefault();

    /// <summary>Newest first; a folder's name begins with the time it was made.</summary>
    private IEnumerable<(string Folder, DateTimeOffset Made)> Made() => !Directory.Exists(Lists)
        ? []
        : Directory.GetDirectories(Lists)
            .Select(folder => (Folder: folder, Seconds: long.TryParse(Path.GetFileName(folder).Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : -1))
            .Where(item => item.Seconds >= 0)
            .OrderByDescending(item => item.Seconds)
            .Select(item => (item.Folder, DateTimeOffset.FromUnixTimeSeconds(item.Seconds)));

    private async Task<string> RefreshAsync(CancellationToken cancellationToken)
    {
        var recipe = StackRecipes.Read(options.Buildpacks).Run;
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeSeconds()}-{Guid.NewGuid():N}");
        var work = Directory.CreateDirectory(Path.Combine(Lists, "new-" + name));
        try
        {
            var dump = await HostProgram.OutputAsync("apt-config", ["dump"], new Dictionary<string, string>(), cancellationToken);
            var apt = AptSources.Read("/", dump, recipe.Suite, recipe.Components);
            var place = Path.Combine(work.FullName, "apt");
            var nothingInstalled = Path.Combine(work.FullName, "status");
            await File.WriteAllBytesAsync(nothingInstalled, [], cancellationToken);
            var env = AptFolder.Make(place, recipe, nothingInstalled, apt);
            await HostProgram.OutputAsync("apt-get", ["update", "-q", "-o", "APT::Update::Error-Mode=any"], env, cancellationToken);

            var made = Directory.CreateDirectory(Path.Combine(work.FullName, "made"));
            Directory.Move(AptFolder.ListsIn(place), Path.Combine(made.FullName, "lists"));
            Directory.Delete(Path.Combine(made.FullName, "lists", "partial"), recursive: true);
            Directory.CreateDirectory(Path.Combine(made.FullName, "archives"));
            var shown = apt with { Lines = AptFolder.LinesFor(recipe, apt) };
            await File.WriteAllLinesAsync(Path.Combine(made.FullName, SourcesFile), shown.PublicLines(), cancellationToken);
            await File.WriteAllLinesAsync(Path.Combine(made.FullName, SettingsFile), shown.PublicOptions().Select(option => option + ";"), cancellationToken);
            Directory.Move(made.FullName, Path.Combine(Lists, name));
            return Path.Combine(Lists, name);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private void RemoveOld()
    {
        foreach (var (folder, made) in Made().Skip(1))
        {
            if (time.GetUtcNow() - made > KeptFor)
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (var folder in Directory.GetDirectories(Lists, "new-*").Where(folder => time.GetUtcNow() - Directory.GetLastWriteTimeUtc(folder) > KeptFor))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
