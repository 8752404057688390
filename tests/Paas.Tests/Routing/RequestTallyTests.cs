namespace Paas.Routing;

public sealed class RequestTallyTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(511, 0)]
    [InlineData(512, 1)]
    [InlineData(767, 1)]
    [InlineData(768, 2)]
    [InlineData(1024, 3)]
    [InlineData(3_600_000_000, RequestTally.Buckets - 1)]
    public void Time_falls_into_the_bucket_of_its_half_octave(long microseconds, int bucket) =>
        Assert.Equal(bucket, RequestTally.BucketOf(TimeSpan.FromMicroseconds(microseconds)));

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(700)]
    [InlineData(20_000)]
    public void Percentile_is_within_a_third_of_the_truth(int milliseconds)
    {
        var times = new long[RequestTally.Buckets];
        times[RequestTally.BucketOf(TimeSpan.FromMilliseconds(milliseconds))] = 100;
        var median = new RequestTally(0, 0, 0, times).Percentile(0.5);
        Assert.InRange(median!.Value, milliseconds / 1.34, milliseconds * 1.34);
    }

    [Fact]
    public void Slow_requests_show_in_the_high_percentile_only()
    {
        var times = new long[RequestTally.Buckets];
        times[RequestTally.BucketOf(TimeSpan.FromMilliseconds(5))] = 90;
        times[RequestTally.BucketOf(TimeSpan.FromSeconds(3))] = 10;
        var tally = new RequestTally(0, 0, 0, times);
        Assert.InRange(tally.Percentile(0.5)!.Value, 3, 7);
        Assert.InRange(tally.Percentile(0.95)!.Value, 2000, 4200);
    }

    [Fact]
    public void Nothing_answered_has_no_percentile() => Assert.Null(new RequestTally(0, 3, 1, []).Percentile(0.5));

    [Fact]
    public void Difference_is_what_came_since_and_all_of_it_when_the_counting_began_anew()
    {
        var earlier = new RequestTally(1, 2, 0, [5, 1]);
        var later = new RequestTally(1, 3, 1, [5, 4, 2]);
        var since = later.Since(earlier);
        Assert.Equal((7L, 1L, 0L, 1L, 1L), (since.Requests, since.Errors, since.Failed, since.Unserved, since.Abandoned));
        Assert.Same(earlier, earlier.Since(later));
    }

    [Fact]
    public void Parts_together_are_the_whole()
    {
        var whole = new RequestTally(3, 10, 1, [7, 0, 23]);
        var sum = Enumerable.Range(0, 4).Select(part => whole.Part(part, 4)).Aggregate(static (one, two) => one.Plus(two));
        Assert.Equal((whole.Failed, whole.Unserved, whole.Abandoned), (sum.Failed, sum.Unserved, sum.Abandoned));
        Assert.Equal(whole.Times, sum.Times);
    }
}
