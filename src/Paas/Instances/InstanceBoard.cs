using System.Collections.Immutable;
using Paas.Engine;

namespace Paas.Instances;

/// <summary>One instance as the platform sees it.</summary>
/// <param name="Healthy">Its present run has answered its health check: requests may go to it.</param>
public sealed record Instance(InstanceState State, bool Healthy)
{
    /// <summary>Differs for every start of the instance.</summary>
    public string EndpointId => $"{State.Id}/{State.Run}";
}

/// <summary>What runs now: written by <see cref="InstancesLoop"/> and the health checks, read by everybody without a lock.</summary>
public sealed class InstanceBoard
{
    private readonly Lock _writing = new();
    private volatile ImmutableDictionary<InstanceId, Instance> _instances = ImmutableDictionary<InstanceId, Instance>.Empty;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyDictionary<InstanceId, Instance> Instances => _instances;

    /// <summary>Completes with the next change. Take it before looking, so that none is missed.</summary>
    public Task NextChange => Volatile.Read(ref _change).Task;

    /// <summary>Null when there is no such instance.</summary>
    public Instance? Find(InstanceId id) => _instances.GetValueOrDefault(id);

    public IEnumerable<Instance> Of(string app, int release, int revision) =>
        _instances.Values.Where(item => item.State.Id.Process is var key && key.App == app && key.Release == release && key.Revision == revision);

    /// <summary>True when the state differs from what was known.</summary>
    public bool Observe(InstanceState state)
    {
        lock (_writing)
        {
            var known = _instances.GetValueOrDefault(state.Id);
            var healthy = known is { Healthy: true } && known.State.Run == state.Run && state.Phase == InstancePhase.Running;
            if (known is not null && known.State == state && known.Healthy == healthy)
            {
                return false;
            }

            _instances = _instances.SetItem(state.Id, new Instance(state, healthy));
        }

        Tell();
        return true;
    }

    public void Gone(InstanceId id)
    {
        lock (_writing)
        {
            _instances = _instances.Remove(id);
        }

        Tell();
    }

    /// <summary>The run has answered. False: that was known, or the instance has been started anew since.</summary>
    public bool MarkHealthy(InstanceId id, string run)
    {
        lock (_writing)
        {
            if (_instances.GetValueOrDefault(id) is not { Healthy: false, State.Phase: InstancePhase.Running } known || known.State.Run != run)
            {
                return false;
            }

            _instances = _instances.SetItem(id, known with { Healthy = true });
        }

        Tell();
        return true;
    }

    private void Tell() => Interlocked.Exchange(ref _change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
