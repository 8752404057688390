using System.Net;
using RouteEndpoint = Paas.Routing.RouteEndpoint;

namespace Paas.Edge;

/// <summary>One running instance as the edge sees it; lives across tables, so its count does too.</summary>
internal sealed class Endpoint(RouteEndpoint route)
{
    /// <summary>Long enough to keep requests off an instance that just died, short enough to miss nothing when it is back.</summary>
    private const long AvoidMilliseconds = 1000;

    private int _inFlight;
    private long _avoidUntil;

    public string Id => route.Id;

    /// <summary>What a request's target is appended to: "http://10.90.0.2:8080".</summary>
    public string Prefix { get; } = $"http://{(IPAddress.TryParse(route.Address, out var ip) && ip.GetAddressBytes().Length == 16 ? $"[{route.Address}]" : route.Address)}:{route.Port}";

    public int InFlight => Volatile.Read(ref _inFlight);

    public bool Avoided => Volatile.Read(ref _avoidUntil) > Environment.TickCount64;

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>It refused a connection: others are asked first for a moment.</summary>
    /// <returns>False when it was avoided already: there is nothing new to say.</returns>
    public bool Avoid()
    {
        var now = Environment.TickCount64;
        return Interlocked.Exchange(ref _avoidUntil, now + AvoidMilliseconds) <= now;
    }
}
