using Microsoft.Extensions.Logging;

namespace Paas.Engine.Native.Instances;

/// <summary>The instances of one process: as many as its wish counts, indices from 1, remembered on the tmpfs for the next control.</summary>
internal sealed class ProcessInstances(ProcessSpec first, InstanceHost host, ProcessRecords records, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _saving = new();
    private readonly SortedDictionary<int, Instance> _instances = [];
    private readonly List<Task> _stopping = [];
    private volatile ProcessSpec _spec = first;
    private bool _removed;

    public ProcessSpec Spec => _spec;

    public Instance? Find(int index)
    {
        lock (_saving)
        {
            return _instances.GetValueOrDefault(index);
        }
    }

    /// <summary>Takes over what an earlier control started, as far as it lives and is wanted. Returns the names of what was taken over.</summary>
    public IEnumerable<string> Adopt(IReadOnlyList<InstanceHandle> handles)
    {
        foreach (var handle in handles.Where(handle => handle.Index <= _spec.Count && InstanceHost.Lives(handle)))
        {
            var id = new InstanceId(_spec.Key, handle.Index);
            host.Adopt(id, handle);
            Add(id, handle);
            yield return InstanceHost.NameOf(id, handle.Slot);
        }
    }

    /// <summary>False: it was removed meanwhile; the caller asks for a new one.</summary>
    public async Task<bool> TryApplyAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_removed)
            {
                return false;
            }

            _spec = spec;
            foreach (var (index, instance) in Snapshot().Where(entry => entry.Key > spec.Count))
            {
                // Behind this call, as its contract says; an index that comes back waits for its old run to be gone.
                _stopping.RemoveAll(task => task.IsCompleted);
                _stopping.Add(EndAsync(index, instance, spec.StopGrace));
            }

            for (var index = 1; index <= spec.Count; index++)
            {
                if (Find(index) is not { IsStopping: true } and not null)
                {
                    continue;
                }

                if (Find(index) is { } leaving)
                {
                    await leaving.StopAsync(spec.StopGrace);
                }

                Add(new InstanceId(spec.Key, index), adopted: null);
            }

            Save();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops all of them and forgets the process.</summary>
    public async Task RemoveAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _removed = true;
            _spec = _spec with { Count = 0 };
            Save();
            await Task.WhenAll(Snapshot().Select(entry => EndAsync(entry.Key, entry.Value, grace)).Concat(_stopping));
            records.Remove(_spec.Key);
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task LetGoAsync() => Task.WhenAll(Snapshot().Select(entry => entry.Value.LetGoAsync()));

    public void Dispose()
    {
        foreach (var (_, instance) in Snapshot())
        {
            instance.Dispose();
        }

        _turn.Dispose();
    }

    private void Add(InstanceId id, InstanceHandle? adopted)
    {
        var instance = new Instance(id, () => _spec, host, Save, logger);
        lock (_saving)
        {
            _instances[id.Index] = instance;
        }

        instance.Begin(adopted);
    }

    private async Task EndAsync(int index, Instance instance, TimeSpan grace)
    {
        await instance.StopAsync(grace);
        lock (_saving)
        {
            if (_instances.GetValueOrDefault(index) == instance)
            {
                _instances.Remove(index);
            }
        }
    }

    private KeyValuePair<int, Instance>[] Snapshot()
    {
        lock (_saving)
        {
            return [.. _instances];
        }
    }

    private void Save()
    {
        lock (_saving)
        {
            records.Save(new ProcessRecord(InstanceHandle.Current, _spec, [.. _instances.Values.Select(instance => instance.Run).OfType<InstanceHandle>()]));
        }
    }
}
