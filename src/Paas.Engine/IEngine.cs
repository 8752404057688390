namespace Paas.Engine;

/// <summary>
/// Runs instances. It speaks "one process type of one release at count N" and knows no app and no HTTP:
/// blue/green, health over HTTP and routing belong to the platform and are the same on every engine.
/// </summary>
/// <remarks>Every call can be repeated: "already there" is success. What ran before a crash is adopted, never started twice.</remarks>
public interface IEngine
{
    /// <summary>What this engine can do on this machine, and what it had to leave out and why.</summary>
    EngineCapabilities Capabilities { get; }

    /// <summary>Makes <see cref="ProcessSpec.Count"/> instances of the process run and keeps them running:
    /// one that dies is restarted with capped back-off. Returns when the wish is recorded, not when instances run.
    /// A lower count stops the highest indices with <see cref="ProcessSpec.StopGrace"/>.</summary>
    Task ApplyAsync(ProcessSpec spec, CancellationToken cancellationToken);

    /// <summary>Stops every instance of the process (SIGTERM, grace, SIGKILL) and forgets it; returns when all are gone.
    /// An unknown process is success.</summary>
    Task RemoveAsync(ProcessKey process, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>State first (one <see cref="InstanceObserved"/> for each instance, then <see cref="Observed"/>), then changes.</summary>
    IAsyncEnumerable<EngineEvent> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Runs a one-off to its exit. Cancelling kills it.</summary>
    Task<ExitInfo> RunAsync(RunSpec spec, RunStreams streams, CancellationToken cancellationToken);

    /// <summary>Runs a command inside a running instance. Null when there is no such running instance.</summary>
    Task<ExitInfo?> ExecAsync(InstanceId instance, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken);

    /// <summary>Lines of the instances of one app, oldest first; with <see cref="LogQuery.Follow"/> it goes on until cancelled.</summary>
    IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>Null when there is no such running instance.</summary>
    Task<InstanceStats?> StatsAsync(InstanceId instance, CancellationToken cancellationToken);

    /// <summary>Memory and CPU alone: cheap enough to be asked for all the time. Null when there is no such running instance.</summary>
    Task<InstanceUsage?> UsageAsync(InstanceId instance, CancellationToken cancellationToken);

    /// <summary>What a diagnosis needs: sockets it listens on, last exit, killed for memory, last lines. Null when unknown.</summary>
    Task<Inspection?> InspectAsync(InstanceId instance, CancellationToken cancellationToken);
}
