using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Paas.Engine.Native.Instances;

/// <summary>The current state of every instance and those who watch it. A watcher gets the state first, then each change in order.</summary>
internal sealed class EventHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<InstanceId, InstanceState> _states = [];
    private readonly List<ChannelWriter<EngineEvent>> _watchers = [];

    public InstanceState? Find(InstanceId id)
    {
        lock (_gate)
        {
            return _states.GetValueOrDefault(id);
        }
    }

    public void Tell(InstanceState state)
    {
        lock (_gate)
        {
            _states[state.Id] = state;
            Send(new InstanceObserved(state));
        }
    }

    public void Gone(InstanceId id)
    {
        lock (_gate)
        {
            if (_states.Remove(id))
            {
                Send(new InstanceGone(id));
            }
        }
    }

    public async IAsyncEnumerable<EngineEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Unbounded: a change is some 200 bytes, back-off limits their number, and dropping one would leave a watcher wrong for good.
        var channel = Channel.CreateUnbounded<EngineEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            foreach (var state in _states.Values)
            {
                channel.Writer.TryWrite(new InstanceObserved(state));
            }

            channel.Writer.TryWrite(new Observed());
            _watchers.Add(channel.Writer);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }

    private void Send(EngineEvent change) => _watchers.ForEach(watcher => watcher.TryWrite(change));
}
