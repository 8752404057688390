using System.Net;

namespace Paas.Engine.Native.Bundles;

/// <summary>All that config.json depends on: no clock, no file, no kernel.</summary>
internal sealed record BundleSpec
{
    public required SandboxSpec Sandbox { get; init; }

    public required string Hostname { get; init; }

    /// <summary>Null: loopback only.</summary>
    public required IPAddress? Address { get; init; }

    public required IPAddress? Gateway { get; init; }

    /// <summary>"/paas-1a2b/hello.v3.web.1".</summary>
    public required string CgroupsPath { get; init; }

    /// <summary>Host id of the sandbox's id 0; null without a user namespace.</summary>
    public required int? IdBase { get; init; }

    /// <summary>The init program on the host; null: the program itself is PID 1.</summary>
    public required string? Init { get; init; }

    public required RuntimeSeccomp Seccomp { get; init; }

    /// <summary>The compiled profile for crun; null for runc.</summary>
    public required string? SeccompFilter { get; init; }

    /// <summary>The kernel accounts for swap (memory.memsw on cgroup v1, memory.swap on v2).</summary>
    public required bool LimitSwap { get; init; }
}
