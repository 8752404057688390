using System.Net;

namespace Paas.Engine;

/// <summary>What the engine tells its watcher.</summary>
public abstract record EngineEvent
{
    private protected EngineEvent()
    {
    }
}

/// <summary>The instance is now like this; sent for each at the start and on every change.</summary>
public sealed record InstanceObserved(InstanceState Instance) : EngineEvent;

/// <summary>The instance no longer exists and is not wanted.</summary>
public sealed record InstanceGone(InstanceId Id) : EngineEvent;

/// <summary>All that existed when the watch began has been told.</summary>
public sealed record Observed : EngineEvent;

public enum InstancePhase
{
    /// <summary>Being made; no process yet.</summary>
    Starting,

    /// <summary>Its process runs. Says nothing about health over the network.</summary>
    Running,

    /// <summary>It exited and waits for its next start.</summary>
    BackingOff,

    /// <summary>Asked to stop.</summary>
    Stopping,
}

/// <summary>One instance as the engine sees it.</summary>
/// <param name="Endpoint">Where its port is reached from this machine; null without a port or before it has an address.</param>
/// <param name="Since">When it entered this phase.</param>
/// <param name="Restarts">Starts after the first, since the process was applied or adopted.</param>
/// <param name="LastExit">How its previous run ended; null when none did.</param>
/// <param name="Run">Differs for every start of the same id.</param>
public sealed record InstanceState(
    InstanceId Id,
    InstancePhase Phase,
    IPEndPoint? Endpoint,
    DateTimeOffset Since,
    int Restarts,
    ExitInfo? LastExit,
    string Run);

/// <summary>How a process ended.</summary>
/// <param name="Code">0-255; 128+n for signal n; -1 when nobody saw it (its supervisor died).</param>
/// <param name="Cause">"out of memory at 512 MB", "disk limit of 1 GB", "supervisor died"; null for its own doing.</param>
public sealed record ExitInfo(int Code, DateTimeOffset At, string? Cause);

/// <summary>One listening TCP socket inside an instance.</summary>
/// <param name="Address">As bound: 0.0.0.0, ::, 127.0.0.1 ...</param>
public sealed record Listener(IPAddress Address, int Port);

/// <summary>What a diagnosis needs.</summary>
public sealed record Inspection(
    InstanceState Instance,
    IReadOnlyList<Listener> Listeners,
    IReadOnlyList<string> LastLines);

/// <summary>Use of one running instance.</summary>
/// <param name="Cpu">Total CPU time.</param>
public sealed record InstanceStats(long MemoryBytes, long MemoryLimitBytes, TimeSpan Cpu, int Pids, long DiskBytes);

/// <summary>The part of <see cref="InstanceStats"/> that a few small reads tell.</summary>
/// <param name="Cpu">Total CPU time.</param>
public sealed record InstanceUsage(long MemoryBytes, long MemoryLimitBytes, TimeSpan Cpu);

/// <summary>What this engine can do here.</summary>
/// <param name="Name">native, swarm or fake.</param>
/// <param name="Runtime">"crun 1.8.1".</param>
/// <param name="UserNamespaces">Instances run in a user namespace on idmapped lower directories.</param>
/// <param name="Missing">One sentence for each protection this machine cannot give.</param>
public sealed record EngineCapabilities(string Name, string Runtime, bool UserNamespaces, int CgroupVersion, IReadOnlyList<string> Missing);

/// <summary>The engine could not do it; the message says what and what to do.</summary>
public class EngineException(string message, Exception? inner = null) : Exception(message, inner);
