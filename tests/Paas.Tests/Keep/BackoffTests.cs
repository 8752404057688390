namespace Paas.Keep;

public sealed class BackoffTests
{
    [Fact]
    public void First_restart_is_at_once_then_pauses_double_up_to_five_seconds()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(30));
        Assert.Equal([0, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5], Enumerable.Range(0, 8).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalSeconds));
        Assert.Equal([0, 0.2], new[] { 31, 1 }.Select(ran => backoff.After(TimeSpan.FromSeconds(ran)).TotalSeconds));
    }
}
