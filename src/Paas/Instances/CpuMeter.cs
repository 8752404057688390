using System.Collections.Concurrent;
using Paas.Engine;

namespace Paas.Instances;

/// <summary>CPU use of instances between one look and the next: the engine knows the total only.</summary>
internal sealed class CpuMeter(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Sample> _samples = new(StringComparer.Ordinal);

    /// <summary>Percent of one core since the last look that was at least a second ago; null when there was none within a minute.</summary>
    /// <param name="run">Differs for every start of the instance: a new run begins at 0.</param>
    public double? Percent(InstanceId id, string run, TimeSpan total)
    {
        var now = time.GetUtcNow();
        Forget(now);
        var key = $"{id}/{run}";
        if (!_samples.TryGetValue(key, out var last))
        {
            _samples[key] = new Sample(now, total, null);
            return null;
        }

        var passed = now - last.At;
        if (passed < Shortest)
        {
            return last.Percent;
        }

        var percent = Math.Round(Math.Max(0, (total - last.Total) / passed * 100), 1);
        _samples[key] = new Sample(now, total, percent);
        return percent;
    }

    /// <summary>What nobody looks at any more, and runs that are over.</summary>
    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, sample) in _samples)
        {
            if (now - sample.At > Longest)
            {
                _samples.TryRemove(key, out _);
            }
        }
    }

    private sealed record Sample(DateTimeOffset At, TimeSpan Total, double? Percent);
}
