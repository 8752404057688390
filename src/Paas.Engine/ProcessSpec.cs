using Paas.Oci;

namespace Paas.Engine;

/// <summary>Names one process type of one release. <paramref name="Revision"/> counts roll-outs of the same release
/// (restart, other size), so that blue/green works for them too.</summary>
/// <param name="App">DNS label of 1-63 characters.</param>
/// <param name="Release">Release number, from 1.</param>
/// <param name="Revision">From 0.</param>
/// <param name="Type">Process type, DNS label.</param>
public readonly record struct ProcessKey(string App, int Release, int Revision, string Type)
{
    /// <summary>"hello.v3.web", or "hello.v3-1.web" from revision 1 on.</summary>
    public override string ToString() => Revision == 0 ? $"{App}.v{Release}.{Type}" : $"{App}.v{Release}-{Revision}.{Type}";
}

/// <summary>Names one instance: its process and its index from 1. A restarted instance keeps its id.</summary>
public readonly record struct InstanceId(ProcessKey Process, int Index)
{
    /// <summary>"hello.v3.web.1".</summary>
    public override string ToString() => $"{Process}.{Index}";

    /// <summary>Short form for people: "web.1".</summary>
    public string Short => $"{Process.Type}.{Index}";
}

/// <summary>The wish for one process type of one release.</summary>
public sealed record ProcessSpec
{
    public required ProcessKey Key { get; init; }

    /// <summary>How many instances; 0 keeps the process known and runs none.</summary>
    public required int Count { get; init; }

    /// <summary>Digest of the image's manifest in the content store.</summary>
    public required Digest Image { get; init; }

    /// <summary>Replaces the image's Cmd (OCI image-spec v1.1, "config"). Empty: the image's own.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Replaces the image's Entrypoint. Null: the image's own.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Laid over the image's Env. Plaintext: goes to tmpfs only.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>The port the process is told by PORT; null when it takes no traffic.</summary>
    public int? Port { get; init; }

    public Limits Limits { get; init; } = new();

    /// <summary>The whole root read-only but for /tmp.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Between SIGTERM and SIGKILL.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What one instance may use.</summary>
public sealed record Limits
{
    /// <summary>Bytes of memory, swap included. Default 512 MB.</summary>
    public long MemoryBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Hard share of cores (1.5 = one and a half); null: no quota.</summary>
    public double? Cpus { get; init; }

    /// <summary>cgroup v1 cpu.shares; v2 cpu.weight is derived from it.</summary>
    public int CpuShares { get; init; } = 1024;

    /// <summary>Processes and threads. Default 512.</summary>
    public int Pids { get; init; } = 512;

    /// <summary>Files that one process may have open at once; null: as on the host.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>Bytes written to the throw-away root before the instance is restarted. Default 1 GB.</summary>
    public long DiskBytes { get; init; } = 1024L * 1024 * 1024;
}

/// <summary>A one-off: release command or `paas run`.</summary>
public sealed record RunSpec
{
    /// <summary>Unique among what runs: "hello.run.a1b2c3".</summary>
    public required string Id { get; init; }

    public required string App { get; init; }

    public required Digest Image { get; init; }

    /// <summary>Null: the image's own Entrypoint.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public required IReadOnlyList<string> Args { get; init; }

    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    public Limits Limits { get; init; } = new();

    /// <summary>Null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>The three streams of a one-off. Null input means empty; null output is thrown away.</summary>
public sealed record RunStreams(Stream? Input, Stream? Output, Stream? Error);
