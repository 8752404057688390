using System.Numerics;
using System.Text.Json.Serialization;

namespace Paas.Routing;

/// <summary>What the edge has counted since it started: GET /counts of its channel.</summary>
/// <param name="Run">Names this run of the edge: another one began at 0.</param>
/// <param name="Apps">By <see cref="AppRoute.Id"/>; apps without a request are left out.</param>
internal sealed record EdgeCounts(string Run, IReadOnlyDictionary<string, RequestTally> Apps);

/// <summary>Requests to one app, counted.</summary>
/// <param name="Failed">Answered by the app with a status of 500 or more.</param>
/// <param name="Unserved">Answered 502, 503 or 504 by the edge itself: no instance did.</param>
/// <param name="Abandoned">The client left before anything answered.</param>
/// <param name="Times">What the app answered, by time to first byte: the bucket is <see cref="BucketOf"/>; zeros at the end are left out.</param>
public sealed record RequestTally(long Failed, long Unserved, long Abandoned, long[] Times)
{
    /// <summary>Two for each doubling from 512 us to 67 s, one below and one above.</summary>
    public const int Buckets = 36;

    private const int LowestBit = 9;

    public static RequestTally Zero { get; } = new(0, 0, 0, []);

    /// <summary>All of them.</summary>
    [JsonIgnore]
    public long Requests => Times.Sum() + Unserved + Abandoned;

    /// <summary>By the app or by the edge.</summary>
    [JsonIgnore]
    public long Errors => Failed + Unserved;

    public static int BucketOf(TimeSpan time)
    {
        var microseconds = (ulong)Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
        if (microseconds >> LowestBit == 0)
        {
            return 0;
        }

        var bit = BitOperations.Log2(microseconds);
        return Math.Min(Buckets - 1, 1 + ((bit - LowestBit) * 2) + (int)((microseconds >> (bit - 1)) & 1));
    }

    /// <summary>The time that this share of the answered requests stayed below, in milliseconds, interpolated within its bucket; null: none was answered.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double? Percentile(double share)
    {
        var wanted = Times.Sum() * share;
        if (wanted <= 0)
        {
            return null;
        }

        var bucket = 0;
        while (bucket < Times.Length - 1 && wanted > Times[bucket])
        {
            wanted -= Times[bucket++];
        }

        var (from, to) = (EdgeOf(bucket), EdgeOf(bucket + 1));
        return from + ((to - from) * Math.Min(1, wanted / Times[bucket]));
    }

    public RequestTally Plus(RequestTally other) => With(other, static (one, two) => one + two);

    /// <summary>What has come since the earlier one; all of this when the counting began anew in between.</summary>
    public RequestTally Since(RequestTally earlier)
    {
        var difference = With(earlier, static (one, two) => one - two);
        return difference.Failed < 0 || difference.Unserved < 0 || difference.Abandoned < 0 || Array.Exists(difference.Times, static count => count < 0) ? this : difference;
    }

    /// <summary>One of <paramref name="parts"/> parts, as equal as whole requests allow; together they are this again.</summary>
    public RequestTally Part(int part, int parts) =>
        parts == 1 ? this : With(Zero, (count, _) => (count * (part + 1) / parts) - (count * part / parts));

    /// <summary>In milliseconds.</summary>
    private static double EdgeOf(int bucket)
    {
        var halves = bucket - 1;
        return bucket == 0 ? 0 : (1L << (LowestBit + (halves / 2))) * (halves % 2 == 0 ? 1 : 1.5) / 1000;
    }

    private RequestTally With(RequestTally other, Func<long, long, long> combine)
    {
        var times = new long[Math.Max(Times.Length, other.Times.Length)];
        for (var bucket = 0; bucket < times.Length; bucket++)
        {
            times[bucket] = combine(Times.ElementAtOrDefault(bucket), other.Times.ElementAtOrDefault(bucket));
        }

        return new RequestTally(combine(Failed, other.Failed), combine(Unserved, other.Unserved), combine(Abandoned, other.Abandoned), times);
    }
}
