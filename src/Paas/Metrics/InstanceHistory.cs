using Paas.Engine;

namespace Paas.Metrics;

/// <summary>What an instance used at one moment.</summary>
/// <param name="MemoryMb">Null: it did not run.</param>
/// <param name="Cpu">Per cent of one core since the sample before; null: there is none of this run.</param>
internal readonly record struct InstanceSample(double? MemoryMb, double? Cpu);

/// <summary>Memory and CPU of every instance in the last hour, in memory only: one sample every ten seconds.</summary>
internal sealed class InstanceHistory
{
    /// <summary>Seconds.</summary>
    public const int Step = 10;

    private const int Kept = 3600 / Step;

    private readonly Lock _gate = new();
    private readonly Dictionary<InstanceId, Track> _tracks = [];

    public void Add(InstanceId id, InstanceUsage usage, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_tracks.TryGetValue(id, out var track))
            {
                _tracks[id] = track = new Track();
            }

            track.Add(usage, now);
        }
    }

    /// <summary>Lets go of instances that have no sample of the last hour.</summary>
    public void Sweep(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (id, _) in _tracks.Where(item => item.Value.At < now.AddHours(-1)).ToList())
            {
                _tracks.Remove(id);
            }
        }
    }

    /// <summary>So many samples up to now, oldest first; each the greatest memory and the average CPU of <paramref name="step"/> seconds.</summary>
    /// <param name="step">A multiple of <see cref="Step"/>; the first begins at a multiple of it.</param>
    public IReadOnlyList<InstanceSample> Of(InstanceId id, DateTimeOffset now, int step, int count)
    {
        var last = now.ToUnixTimeSeconds() / step;
        lock (_gate)
        {
            var track = _tracks.GetValueOrDefault(id);
            return [.. Enumerable.Range(0, count).Select(index => track?.Of((last - count + 1 + index) * step, step) ?? default)];
        }
    }

    /// <summary>A ring of samples: each lies at the place of its ten seconds, and says which ten seconds it is of.</summary>
    private sealed class Track
    {
        private readonly long[] _ticks = new long[Kept];
        private readonly float[] _memory = new float[Kept];
        private readonly float[] _cpu = new float[Kept];
        private TimeSpan _used;

        public DateTimeOffset At { get; private set; }

        public void Add(InstanceUsage usage, DateTimeOffset now)
        {
            var elapsed = now - At;
            var used = usage.Cpu - _used;
            var tick = now.ToUnixTimeSeconds() / Step;
            var place = tick % Kept;
            _ticks[place] = tick;
            _memory[place] = (float)(usage.MemoryBytes / 1048576.0);

            // A total that shrank belongs to a new run; after a long pause the average would say nothing.
            _cpu[place] = used >= TimeSpan.Zero && elapsed > TimeSpan.Zero && elapsed < TimeSpan.FromSeconds(6 * Step) ? (float)(used / elapsed * 100) : float.NaN;
            (At, _used) = (now, usage.Cpu);
        }

        /// <param name="from">Unix time in seconds.</param>
        public InstanceSample Of(long from, int seconds)
        {
            double? memory = null;
            var (cpu, count) = (0.0, 0);
            for (var tick = from / Step; tick < (from + seconds) / Step; tick++)
            {
                var place = tick % Kept;
                if (_ticks[place] != tick)
                {
                    continue;
                }

                memory = Math.Max(memory ?? 0, _memory[place]);
                if (!float.IsNaN(_cpu[place]))
                {
                    (cpu, count) = (cpu + _cpu[place], count + 1);
                }
            }

            return new InstanceSample(memory, count == 0 ? null : cpu / count);
        }
    }
}
