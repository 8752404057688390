using System.Net;

namespace Paas.Engine.Native;

/// <summary>Where the native engine keeps its things. Nothing of it is shared with another home.</summary>
public sealed class NativeOptions
{
    /// <summary>On a tmpfs: bundles with plaintext environments, handles, the runtime's own state. Empty after a reboot.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>On disk: logs and uppers.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>4 hex characters; part of every name the engine makes in the kernel (interfaces, nft table, cgroup).</summary>
    public required string Tag { get; init; }

    /// <summary>Where the static programs of src/native lie.</summary>
    public string Programs { get; init; } = Path.Combine(AppContext.BaseDirectory, "native");

    /// <summary>"crun" or "runc" takes that one only; null takes crun where it works, else runc.</summary>
    public string? Runtime { get; init; }

    /// <summary>Addresses that the instances' subnet must not hide: package hosts of the host's own client configuration.</summary>
    public IReadOnlyList<IPAddress> AvoidAddresses { get; init; } = [];

    /// <summary>Size of the file that all uppers share; null: 20 GB, or half of what is free when that is less.</summary>
    public long? UppersBytes { get; init; }

    /// <summary>First back-off after an instance died; doubles up to <see cref="LongestBackoff"/>.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(0.5);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A life this long starts the back-off anew.</summary>
    public TimeSpan GoodLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often what instances wrote to disk is measured.</summary>
    public TimeSpan DiskCheck { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an instance whose supervisor died runs on beside its replacement.</summary>
    public TimeSpan Handover { get; init; } = TimeSpan.FromSeconds(10);
}
