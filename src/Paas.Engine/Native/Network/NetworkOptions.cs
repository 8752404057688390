using System.Net;

namespace Paas.Engine.Native.Network;

/// <summary>What the instances' network of one home is told.</summary>
internal sealed class NetworkOptions
{
    /// <summary>Four hex digits that no other home on this machine has: part of every interface's and the table's name.</summary>
    public required string Tag { get; init; }

    /// <summary>In the home, on disk: the chosen subnet and how far its addresses were handed out.</summary>
    public required string StateFile { get; init; }

    /// <summary>The same for all homes: locked while a subnet is chosen; holds one line "tag subnet" for each home of this boot.</summary>
    public string LockFile { get; init; } = "/run/paas-subnet.lock";

    /// <summary>A /16 to use as it is; null: a free one is chosen.</summary>
    public IPNetwork? Subnet { get; init; }

    /// <summary>Addresses that the subnet must not hide, besides those of the machine's routes and resolvers.</summary>
    public IReadOnlyList<IPAddress> Avoid { get; init; } = [];
}
