using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using Paas.Client;

namespace Paas.Activity;

/// <summary>Everything that changed, to everybody of the team who listens: a bus with a memory of the last 2,000 events,
/// so that a reader who comes back by id misses nothing.</summary>
/// <remarks>Ids are "boot-n": boot differs for every start of control, n grows by one over all teams.</remarks>
public sealed class Events
{
    private const int Remembered = 2_000;
    private const int Waiting = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<Entry> _ring = new(Remembered);
    private readonly List<Subscription> _subscriptions = [];
    private readonly string _boot = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private long _last;

    /// <summary>Never waits: a reader who is too slow is let go, and comes back by id.</summary>
    public void Publish(EventView view, long teamId)
    {
        lock (_gate)
        {
            var entry = new Entry(++_last, teamId, view);
            if (_ring.Count == Remembered)
            {
                _ring.Dequeue();
            }

            _ring.Enqueue(entry);
            _subscriptions.RemoveAll(subscription => subscription.TeamId == teamId && !subscription.Take(entry));
        }
    }

    /// <param name="lastEventId">What the reader saw last; null for a new reader.</param>
    internal Subscription Subscribe(long teamId, string? lastEventId)
    {
        lock (_gate)
        {
            var subscription = new Subscription(this, teamId, IdOf(_last), MissedSince(teamId, lastEventId));
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    internal string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_boot}-{number}");

    /// <summary>Null when the id is of another boot or its successor is forgotten.</summary>
    private IReadOnlyList<Entry>? MissedSince(long teamId, string? lastEventId)
    {
        var known = lastEventId?.Split('-') is [var boot, var text] && boot == _boot
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= _last && number >= _last - _ring.Count
            ? number
            : -1;
        return known < 0 ? null : [.. _ring.Where(entry => entry.Number > known && entry.TeamId == teamId)];
    }

    internal sealed record Entry(long Number, long TeamId, EventView View);

    /// <summary>One reader.</summary>
    /// <param name="at">Id of the last event before the first that the reader's channel gets.</param>
    /// <param name="missed">Null: the reader needs the state first.</param>
    internal sealed class Subscription(Events events, long teamId, string at, IReadOnlyList<Entry>? missed) : IDisposable
    {
        private readonly Channel<Entry> _channel = Channel.CreateBounded<Entry>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

        public long TeamId => teamId;

        public string At => at;

        public IReadOnlyList<Entry>? Missed => missed;

        /// <summary>Ends when the reader was too slow.</summary>
        public IAsyncEnumerable<Entry> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

        public void Dispose()
        {
            lock (events._gate)
            {
                events._subscriptions.Remove(this);
            }
        }

        /// <summary>False when its channel is full: what waits in it is still read, then the stream ends.</summary>
        internal bool Take(Entry entry) => _channel.Writer.TryWrite(entry) || !_channel.Writer.TryComplete();
    }
}
