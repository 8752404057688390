using System.Globalization;

namespace Paas.Builds;

/// <summary>What one build may use, and where the installation's parts lie.</summary>
public sealed class BuildsOptions
{
    /// <summary>Swap included. Default 2 GB.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Processes and threads. Default 1024.</summary>
    public int Pids { get; init; } = 1024;

    /// <summary>Size of the build's own disk, a sparse file: source, layers and everything written. Default: PAAS_BUILD_DISK_MB, which the
    /// operator of a small or a large server sets, else 10 GB.</summary>
    public long DiskBytes { get; init; } =
        long.TryParse(Environment.GetEnvironmentVariable("PAAS_BUILD_DISK_MB"), NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes) && megabytes >= 256 ? megabytes << 20 : 10L << 30;

    /// <summary>cpu.shares; apps have 1024, so a build takes what they leave. Default 256.</summary>
    public int CpuShares { get; init; } = 256;

    /// <summary>Builds at the same time; the others wait their turn. Default: one for each 4 GB of the machine's memory, at most one per core.</summary>
    public int AtOnce { get; init; } = (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 32, 1, Environment.ProcessorCount);

    /// <summary>The platform's own buildpacks, order.toml and base/. Default: PAAS_BUILDPACKS, else buildpacks/ beside the binary.</summary>
    public string Buildpacks { get; init; } =
        Environment.GetEnvironmentVariable("PAAS_BUILDPACKS") is { Length: > 0 } set ? set : Path.Combine(AppContext.BaseDirectory, "buildpacks");

    /// <summary>The launcher that every image gets as its entrypoint.</summary>
    public string Launcher { get; init; } = Path.Combine(AppContext.BaseDirectory, "native", "launcher");
}
