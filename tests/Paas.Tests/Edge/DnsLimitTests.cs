using System.Net;

namespace Paas.Edge;

public sealed class DnsLimitTests
{
    [Fact]
    public void One_asker_cannot_use_up_what_others_need()
    {
        var limit = new DnsLimit();
        var greedy = IPAddress.Parse("10.0.0.2");
        Assert.Equal(64, Enumerable.Range(0, 1000).Count(_ => limit.TryEnter(greedy)));
        Assert.True(limit.TryEnter(IPAddress.Parse("10.0.0.3")));
        limit.Leave(greedy);
        Assert.True(limit.TryEnter(greedy));
        Assert.False(limit.TryEnter(greedy));
    }
}
