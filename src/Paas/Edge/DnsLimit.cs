using System.Collections.Concurrent;
using System.Net;

namespace Paas.Edge;

/// <summary>Bounds what is being asked at one time, in all and by one instance, so that none can use up the others' DNS.</summary>
internal sealed class DnsLimit
{
    private const int InAll = 512;
    private const int PerAsker = 64;
    private readonly ConcurrentDictionary<IPAddress, int> _byAsker = new();
    private int _all;

    /// <summary>False: drop it; a resolver asks again.</summary>
    public bool TryEnter(IPAddress asker)
    {
        var all = Interlocked.Increment(ref _all);
        var own = _byAsker.AddOrUpdate(asker, 1, static (_, count) => count + 1);
        if (all <= InAll && own <= PerAsker)
        {
            return true;
        }

        Leave(asker);
        return false;
    }

    public void Leave(IPAddress asker)
    {
        Interlocked.Decrement(ref _all);
        if (_byAsker.AddOrUpdate(asker, 0, static (_, count) => count - 1) <= 0)
        {
            _byAsker.TryRemove(new KeyValuePair<IPAddress, int>(asker, 0));
        }
    }
}
