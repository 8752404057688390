using System.Globalization;
using Paas.State;

namespace Paas.Builds;

/// <summary>What one build may use, and where the installation's parts lie.</summary>
public sealed record BuildsOptions
{
    /// <summary>Swap included. Default 2 GB.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Processes and threads. Default 1024.</summary>
    public int Pids { get; init; } = 1024;

    /// <summary>Files that one process may have open at once. Default 8192.</summary>
    public int OpenFiles { get; init; } = 8192;

    /// <summary>Size of the build's own disk, a sparse file: source, layers and everything written. Default: PAAS_BUILD_DISK_MB, which the
    /// operator of a small or a large server sets, else 10 GB.</summary>
    public long DiskBytes { get; init; } =
        long.TryParse(Environment.GetEnvironmentVariable("PAAS_BUILD_DISK_MB"), NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes) && megabytes >= 256 ? megabytes << 20 : 10L << 30;

    /// <summary>cpu.shares; apps have 1024, so a build takes what they leave. Default 256.</summary>
    public int CpuShares { get; init; } = 256;

    /// <summary>Builds at the same time; the others wait their turn. Default: one for each 4 GB of the machine's memory, at most one per core.</summary>
    public int AtOnce { get; init; } = (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 32, 1, Environment.ProcessorCount);

    /// <summary>What the cache of one app may take on the disk. Default 2 GB.</summary>
    public long CacheBytesPerApp { get; init; } = 2L << 30;

    /// <summary>What the caches of all apps together may take. Default 20 GB.</summary>
    public long CacheBytes { get; init; } = 20L << 30;

    /// <summary>How long a build answers later ones that are made of the same; zero: never. Default a day, so that what a build fetches without
    /// a version grows no older than that.</summary>
    public TimeSpan UnchangedFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The platform's own buildpacks, order.toml and base/. Default: PAAS_BUILDPACKS, else buildpacks/ beside the binary.</summary>
    public string Buildpacks { get; init; } =
        Environment.GetEnvironmentVariable("PAAS_BUILDPACKS") is { Length: > 0 } set ? set : Path.Combine(AppContext.BaseDirectory, "buildpacks");

    /// <summary>The groups to try for apps without a choice. Default: PAAS_BUILDPACK_ORDER, else order.toml of <see cref="Buildpacks"/> (null).</summary>
    public string? BuildpackOrder { get; init; } = Environment.GetEnvironmentVariable("PAAS_BUILDPACK_ORDER") is { Length: > 0 } order ? order : null;

    /// <summary>The launcher that every image gets as its entrypoint.</summary>
    public string Launcher { get; init; } = Path.Combine(AppContext.BaseDirectory, "native", "launcher");

    /// <summary>As the sandbox of a build is told them.</summary>
    internal Engine.Limits Limits => new() { MemoryBytes = MemoryBytes, Pids = Pids, OpenFiles = OpenFiles, CpuShares = CpuShares, DiskBytes = DiskBytes };

    /// <summary>With the section builds of paas.json in the home.</summary>
    /// <exception cref="UserError">options_invalid, with all faults.</exception>
    public static BuildsOptions Read(PlatformHome home)
    {
        var (section, defaults) = (BuildsFile.Read(home), new BuildsOptions());
        string[] faults =
        [
            .. section?.AtOnce is < 1 or > 64 ? ["builds.atOnce is a number from 1 to 64"] : Array.Empty<string>(),
            .. section?.CacheGigabytes is < 0 ? ["builds.cacheGigabytes is a number of GB, 0 or more"] : Array.Empty<string>(),
            .. section?.CacheGigabytesPerApp is < 0 ? ["builds.cacheGigabytesPerApp is a number of GB, 0 or more"] : Array.Empty<string>(),
            .. section?.UnchangedHours is < 0 or > 8760 ? ["builds.unchangedHours is a number from 0 to 8760"] : Array.Empty<string>(),
        ];
        return faults.Length > 0
            ? throw BuildsFile.Invalid(home, faults)
            : defaults with
            {
                AtOnce = section?.AtOnce ?? defaults.AtOnce,
                CacheBytes = Bytes(section?.CacheGigabytes) ?? defaults.CacheBytes,
                CacheBytesPerApp = Bytes(section?.CacheGigabytesPerApp) ?? defaults.CacheBytesPerApp,
                UnchangedFor = section?.UnchangedHours is { } hours ? TimeSpan.FromHours(hours) : defaults.UnchangedFor,
            };
    }

    private static long? Bytes(double? gigabytes) => (long?)(gigabytes * (1L << 30));
}
