using System.Net;
using Paas.Oci;

namespace Paas.Engine.Native;

/// <summary>A root file system, its mounts, its process and its limits: what crun or runc is told.
/// An instance is one under conmon; builds, release commands and one-offs are one in the foreground on pipes.</summary>
public sealed record SandboxSpec
{
    /// <summary>Unique among what runs on this home; [a-z0-9.-].</summary>
    public required string Id { get; init; }

    /// <summary>Image whose layers are the lower directories.</summary>
    public required Digest Image { get; init; }

    /// <summary>Directory on a capped file system for the throw-away upper; null: the engine's own.</summary>
    public string? UpperRoot { get; init; }

    public required IReadOnlyList<string> Args { get; init; }

    /// <summary>The whole environment; nothing is added but PATH when missing.</summary>
    public required IReadOnlyDictionary<string, string> Env { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>Ids inside the sandbox.</summary>
    public required int Uid { get; init; }

    public required int Gid { get; init; }

    public IReadOnlyList<SandboxMount> Mounts { get; init; } = [];

    public Limits Limits { get; init; } = new();

    public bool ReadOnlyRoot { get; init; }

    /// <summary>Its root may mount and unmount, change its root and hand files over, all of it inside the sandbox's own user namespace: what a program
    /// needs that makes images (docs/decisions/dockerfiles.md). Only where <see cref="SandboxIds.Separate"/>; never for apps.</summary>
    public bool MakesImages { get; init; }

    public SandboxNetwork Network { get; init; } = SandboxNetwork.Isolated;

    /// <summary>Private addresses and TCP ports that this sandbox may reach all the same; no instance ever has any.</summary>
    public IReadOnlyList<IPEndPoint> Reach { get; init; } = [];

    /// <summary>Null: no limit. Past it the sandbox is killed and the result says so.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>A host directory seen inside. Host ids must be the sandbox's mapped ids (<see cref="SandboxIds"/>) to be writable there.</summary>
/// <param name="Lowers">When not empty: an overlay of these read-only directories (topmost first, snapshots with image ids, idmapped
/// by the sandbox) under <paramref name="Source"/>/upper and <paramref name="Source"/>/work; the merged view is what is seen inside,
/// and on the host at <paramref name="Source"/>/merged after the processes are gone until <c>UnmountAsync</c>.</param>
public sealed record SandboxMount(string Source, string Target, bool ReadOnly, IReadOnlyList<string>? Lowers = null);

public enum SandboxNetwork
{
    /// <summary>Loopback only.</summary>
    None,

    /// <summary>Own namespace with an address, DNS and the internet by NAT; nothing of platform, LAN or metadata but <see cref="SandboxSpec.Reach"/>.</summary>
    Isolated,
}

/// <summary>How ids inside a sandbox map to the host: host = Base + inside (Base 0 where user namespaces cannot be had).</summary>
public readonly record struct SandboxIds(int Base)
{
    /// <summary>Root inside is nobody on the host.</summary>
    public bool Separate => Base > 0;

    public int Host(int inside) => Base + inside;
}
