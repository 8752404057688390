namespace Paas.Engine.Native.Instances;

public sealed class BackoffTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    [Fact]
    public void Doubles_up_to_its_cap_and_starts_anew_after_a_good_life()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5));

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(0, 9).Select(_ => backoff.Next(Short).TotalSeconds));
        Assert.Equal([0.5, 1], ((TimeSpan[])[TimeSpan.FromMinutes(5), Short]).Select(lived => backoff.Next(lived).TotalSeconds));
    }
}
