using System.Net;
using System.Runtime.CompilerServices;
using Paas.Engine;
using Paas.Engine.Native.Instances;

namespace Paas.Testing;

/// <summary>An engine in memory: instances run at once, or fail as told. For tests of everything above the engine seam.</summary>
internal sealed class FakeEngine : IEngine
{
    private readonly EventHub _events = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ProcessKey, ProcessSpec> _specs = [];
    private readonly Dictionary<InstanceId, InstanceState> _states = [];
    private int _run;

    /// <summary>Where an instance is reached; by default a loopback address nobody listens on.</summary>
    public Func<InstanceId, ProcessSpec, IPEndPoint?> EndpointOf { get; set; } = (_, spec) => spec.Port is { } port ? new IPEndPoint(IPAddress.Loopback, port) : null;

    /// <summary>Not null: instances of the process never stay up; three starts end like this, and the next waits in back-off.</summary>
    public Func<ProcessSpec, ExitInfo?> Fails { get; set; } = _ => null;

    /// <summary>What a one-off does.</summary>
    public Func<RunSpec, RunStreams, CancellationToken, Task<ExitInfo>> OnRun { get; set; } = (_, _, _) => Task.FromResult(new ExitInfo(0, DateTimeOffset.UnixEpoch, null));

    /// <summary>What a command inside an instance does.</summary>
    public Func<InstanceId, IReadOnlyList<string>, RunStreams, CancellationToken, Task<ExitInfo>> OnExec { get; set; } =
        (_, _, _, _) => Task.FromResult(new ExitInfo(0, DateTimeOffset.UnixEpoch, null));

    /// <summary>What instances of an app listen on, for diagnoses.</summary>
    public Func<InstanceId, IReadOnlyList<Listener>> Listeners { get; set; } = _ => [];

    /// <summary>What running instances use.</summary>
    public Func<InstanceId, InstanceUsage> Usage { get; set; } = _ => new InstanceUsage(1 << 20, 512 << 20, TimeSpan.FromSeconds(1));

    public Func<InstanceId, IReadOnlyList<string>> LastLines { get; set; } = _ => [];

    public IReadOnlyList<LogLine> Lines { get; set; } = [];

    public EngineCapabilities Capabilities { get; } = new("fake", "memory", UserNamespaces: true, CgroupVersion: 2, []);

    /// <summary>The wishes in force.</summary>
    public IReadOnlyList<ProcessSpec> Specs
    {
        get
        {
            lock (_gate)
            {
                return [.. _specs.Values];
            }
        }
    }

    public Task ApplyAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _specs[spec.Key] = spec;
            foreach (var id in _states.Keys.Where(id => id.Process == spec.Key && id.Index > spec.Count).ToArray())
            {
                Forget(id);
            }

            for (var index = 1; index <= spec.Count; index++)
            {
                if (!_states.ContainsKey(new InstanceId(spec.Key, index)))
                {
                    Start(new InstanceId(spec.Key, index), restarts: 0, lastExit: null);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task RemoveAsync(ProcessKey process, TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _specs.Remove(process);
            foreach (var id in _states.Keys.Where(id => id.Process == process).ToArray())
            {
                Forget(id);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>A running instance ends like this and is started again.</summary>
    public void End(InstanceId id, ExitInfo exit)
    {
        lock (_gate)
        {
            Tell(_states[id] with { Phase = InstancePhase.BackingOff, Endpoint = null, LastExit = exit, Run = "" });
            Start(id, _states[id].Restarts + 1, exit);
        }
    }

    public IAsyncEnumerable<EngineEvent> WatchAsync(CancellationToken cancellationToken) => _events.WatchAsync(cancellationToken);

    public Task<ExitInfo> RunAsync(RunSpec spec, RunStreams streams, CancellationToken cancellationToken) => OnRun(spec, streams, cancellationToken);

    public async Task<ExitInfo?> ExecAsync(InstanceId instance, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken) =>
        IsRunning(instance) ? await OnExec(instance, args, streams, cancellationToken) : null;

    public async IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var line in Lines.TakeLast(query.Tail))
        {
            yield return line;
        }

        if (query.Follow)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }

    public Task<InstanceStats?> StatsAsync(InstanceId instance, CancellationToken cancellationToken) => Task.FromResult(
        IsRunning(instance) ? new InstanceStats(1 << 20, Limit(instance), TimeSpan.FromSeconds(1), 2, 0) : null);

    public Task<InstanceUsage?> UsageAsync(InstanceId instance, CancellationToken cancellationToken) => Task.FromResult(IsRunning(instance) ? Usage(instance) : null);

    public Task<Inspection?> InspectAsync(InstanceId instance, CancellationToken cancellationToken) => Task.FromResult(
        _events.Find(instance) is { } state ? new Inspection(state, Listeners(instance), LastLines(instance)) : null);

    private bool IsRunning(InstanceId id) => _events.Find(id) is { Phase: InstancePhase.Running };

    private long Limit(InstanceId id)
    {
        lock (_gate)
        {
            return _specs[id.Process].Limits.MemoryBytes;
        }
    }

    private void Start(InstanceId id, int restarts, ExitInfo? lastExit)
    {
        var spec = _specs[id.Process];
        var state = new InstanceState(id, InstancePhase.Starting, null, DateTimeOffset.UnixEpoch, restarts, lastExit, "");
        Tell(state);
        if (Fails(spec) is not { } failure)
        {
            Tell(state with { Phase = InstancePhase.Running, Endpoint = EndpointOf(id, spec), Run = $"run{++_run}" });
            return;
        }

        for (var again = 0; again < 3; again++)
        {
            Tell(state with { Phase = InstancePhase.BackingOff, Restarts = restarts + again, LastExit = failure });
        }
    }

    private void Tell(InstanceState state)
    {
        _states[state.Id] = state;
        _events.Tell(state);
    }

    private void Forget(InstanceId id)
    {
        _states.Remove(id);
        _events.Gone(id);
    }
}
