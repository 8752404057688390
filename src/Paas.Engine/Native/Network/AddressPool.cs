using System.Net;

namespace Paas.Engine.Native.Network;

/// <summary>Hands out the addresses of a /16 in turn, so that one comes back as late as it can: an edge with an older
/// route table must not reach a stranger at it.</summary>
/// <param name="from">Low half to begin with; see <paramref name="reserve"/>.</param>
/// <param name="reserve">Called before a block of 256 is begun, with where the next process should start: a restart never
/// goes back over what was handed out lately.</param>
internal sealed class AddressPool(IPNetwork subnet, int from, Action<int> reserve)
{
    private const int First = 0x0100; // x.y.0.* is kept for the gateway
    private const int Last = 0xfeff;
    private const int Block = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, IPAddress> _byId = [];
    private readonly HashSet<IPAddress> _used = [];
    private int _next = from is < First or > Last ? First : from;
    private int _reserved = from;

    /// <summary>The same id gets the same address until it is released.</summary>
    public IPAddress Allocate(string id)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(id, out var known))
            {
                return known;
            }

            for (var tries = First; tries <= Last; tries++)
            {
                var address = Address(Step());
                if (_used.Add(address))
                {
                    return _byId[id] = address;
                }
            }
        }

        throw new EngineException($"All addresses of {subnet} are in use: stop some instances.");
    }

    public void Adopt(string id, IPAddress address)
    {
        lock (_gate)
        {
            if (_byId.Remove(id, out var before))
            {
                _used.Remove(before);
            }

            _byId[id] = address;
            _used.Add(address);
        }
    }

    public void Release(IPAddress address)
    {
        lock (_gate)
        {
            _used.Remove(address);
            foreach (var id in _byId.Where(e => e.Value.Equals(address)).Select(e => e.Key).ToArray())
            {
                _byId.Remove(id);
            }
        }
    }

    public bool Holds(IPAddress address)
    {
        lock (_gate)
        {
            return _used.Contains(address);
        }
    }

    private int Step()
    {
        var taken = _next;
        if (taken >= _reserved || taken == First)
        {
            _reserved = taken + Block;
            reserve(_reserved > Last ? First : _reserved);
        }

        _next = taken == Last ? First : taken + 1;
        return taken;
    }

    private IPAddress Address(int low)
    {
        var bytes = subnet.BaseAddress.GetAddressBytes();
        return new IPAddress([bytes[0], bytes[1], (byte)(low >> 8), (byte)low]);
    }
}
