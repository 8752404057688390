using Paas.Routing;

namespace Paas.Edge;

/// <summary>Counts the requests to one app since the edge started, without a lock: an answered request costs one increment.</summary>
/// <remarks>Each processor counts in cells of its own (up to <see cref="MostStripes"/>), which share no cache line with those of another.</remarks>
internal sealed class RequestCounter
{
    private const int MostStripes = 8;
    private const int Failed = RequestTally.Buckets;
    private const int Unserved = Failed + 1;
    private const int Abandoned = Unserved + 1;

    /// <summary>A whole number of 64-byte lines, with one between two stripes that stays unused.</summary>
    private const int Stride = 48;

    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(MostStripes, Environment.ProcessorCount));

    private readonly long[] _cells = new long[Stripes * Stride];

    /// <param name="status">As the app answered.</param>
    /// <param name="firstByte">From the request's arrival to the head of the app's answer.</param>
    public void Answered(int status, TimeSpan firstByte)
    {
        Add(RequestTally.BucketOf(firstByte));
        if (status >= 500)
        {
            Add(Failed);
        }
    }

    /// <summary>The edge answered in the app's place.</summary>
    public void CountUnserved() => Add(Unserved);

    /// <summary>The client left.</summary>
    public void CountAbandoned() => Add(Abandoned);

    public RequestTally Read()
    {
        var times = Enumerable.Range(0, RequestTally.Buckets).Select(Sum).ToArray();
        var used = Array.FindLastIndex(times, static count => count > 0) + 1;
        return new RequestTally(Sum(Failed), Sum(Unserved), Sum(Abandoned), times[..used]);
    }

    private void Add(int cell) => Interlocked.Increment(ref _cells[((Thread.GetCurrentProcessorId() & (Stripes - 1)) * Stride) + cell]);

    private long Sum(int cell)
    {
        var sum = 0L;
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            sum += Volatile.Read(ref _cells[(stripe * Stride) + cell]);
        }

        return sum;
    }
}
