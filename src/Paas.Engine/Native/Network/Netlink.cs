using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Paas.Engine.Native.Network;

/// <summary>A routing netlink socket (rtnetlink(7)): several requests in one send, and dumps. It stays in the network
/// namespace of the thread that opened it.</summary>
internal sealed unsafe partial class Netlink : IDisposable
{
    // linux/netlink.h
    private const ushort Request = 1, Ack = 4, Dump = 0x300;
    public const ushort Create = 0x600; // NLM_F_CREATE | NLM_F_EXCL
    public const ushort Replace = 0x500; // NLM_F_CREATE | NLM_F_REPLACE
    private const ushort TypeError = 2, TypeDone = 3;
    private const int NoDevice = 19; // ENODEV
    private const int Interrupted = 4; // EINTR
    private const int Again = 11; // EAGAIN

    private readonly int _socket;
    private readonly byte[] _send = new byte[8192];
    private readonly byte[] _receive = new byte[64 * 1024];
    private int _length;
    private int _message;
    private int _count;
    private int _sequence;

    /// <param name="groups">Bit mask of multicast groups to hear (1: links); 0: none.</param>
    public Netlink(uint groups = 0)
    {
        _socket = Check(socket(16 /* AF_NETLINK */, 3 /* SOCK_RAW */ | 0x80000 /* SOCK_CLOEXEC */, 0), "open a netlink socket");
        if (groups != 0)
        {
            var address = new SocketAddress { Family = 16, Groups = groups };
            var patience = new TimeValue { Microseconds = 50_000 };
            if (bind(_socket, &address, sizeof(SocketAddress)) < 0
                || setsockopt(_socket, 1 /* SOL_SOCKET */, 20 /* SO_RCVTIMEO */, &patience, sizeof(TimeValue)) < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                Dispose();
                throw new Win32Exception(error);
            }
        }
    }

    /// <summary>Begins one request with its fixed header; attributes follow.</summary>
    public Netlink Begin<T>(ushort type, ushort flags, T header) where T : unmanaged
    {
        End();
        _message = _length;
        _length += 16;
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(_message + 4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(_message + 6), (ushort)(flags | Request | Ack));
        BinaryPrimitives.WriteInt32LittleEndian(_send.AsSpan(_message + 8), ++_sequence);
        BinaryPrimitives.WriteInt32LittleEndian(_send.AsSpan(_message + 12), 0);
        _count++;
        return Header(header);
    }

    /// <summary>A fixed header inside an attribute.</summary>
    public Netlink Header<T>(T header) where T : unmanaged
    {
        MemoryMarshal.Write(_send.AsSpan(_length), in header);
        _length += sizeof(T);
        return this;
    }

    public Netlink Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(_length), (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(_length + 2), type);
        value.CopyTo(_send.AsSpan(_length + 4));
        var padded = (4 + value.Length + 3) & ~3;
        _send.AsSpan(_length + 4 + value.Length, padded - 4 - value.Length).Clear();
        _length += padded;
        return this;
    }

    public Netlink Attribute(ushort type, int value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    public Netlink Attribute(ushort type, string value) => Attribute(type, Encoding.ASCII.GetBytes(value + '\0'));

    public Netlink Attribute(ushort type, IPAddress value) => Attribute(type, value.GetAddressBytes());

    /// <summary>Opens an attribute that holds others; close it with <see cref="Close"/>.</summary>
    public int Open(ushort type)
    {
        var at = _length;
        Attribute(type, []);
        return at;
    }

    public Netlink Close(int at)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(at), (ushort)(_length - at));
        return this;
    }

    /// <summary>Sends what was begun and waits for each answer.</summary>
    /// <returns>0, or the first errno the kernel answered.</returns>
    public int Send()
    {
        End();
        Transmit();
        var first = 0;
        for (var left = _count; left > 0;)
        {
            foreach (var (type, body) in Receive())
            {
                if (type == TypeError)
                {
                    left--;
                    var error = -BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(body));
                    first = first == 0 ? error : first;
                }
            }
        }

        _length = _count = 0;
        return first;
    }

    /// <summary>As <see cref="Send()"/>; an error is thrown with what was being done.</summary>
    public void Send(string doing)
    {
        if (Send() is not 0 and var error)
        {
            throw new Win32Exception(error, $"The kernel refused to {doing}: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>Every network interface of the namespace.</summary>
    public IReadOnlyList<Link> Links()
    {
        List<Link> links = [];
        Ask(18 /* RTM_GETLINK */, new LinkHeader(), (header, attributes) => links.Add(ToLink(header, attributes)));
        return links;
    }

    /// <summary>One network interface; null when there is none of this name.</summary>
    public Link? FindLink(string name)
    {
        Begin(18 /* RTM_GETLINK */, 0, new LinkHeader()).Attribute(3 /* IFLA_IFNAME */, name);
        End();
        // Without the flag Ack the answer is the link itself or an error, never both.
        BinaryPrimitives.WriteUInt16LittleEndian(_send.AsSpan(_message + 6), Request);
        Transmit();
        _length = _count = 0;
        foreach (var (type, body) in Receive())
        {
            if (type == TypeError)
            {
                var error = -BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(body));
                return error == NoDevice ? null : throw new Win32Exception(error);
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(body - 16));
            return ToLink(_receive.AsSpan(body, sizeof(LinkHeader)), Attributes(body + sizeof(LinkHeader), body - 16 + length));
        }

        return null;
    }

    /// <summary>Every IPv4 route of every table, the local one included.</summary>
    public IReadOnlyList<Route> Routes()
    {
        List<Route> routes = [];
        Ask(26 /* RTM_GETROUTE */, new RouteHeader { Family = 2 /* AF_INET */ }, (header, attributes) =>
        {
            var route = MemoryMarshal.Read<RouteHeader>(header);
            var destination = attributes.GetValueOrDefault((ushort)1 /* RTA_DST */) is { Length: 4 } bytes ? new IPAddress(bytes) : IPAddress.Any;
            var link = attributes.GetValueOrDefault((ushort)4 /* RTA_OIF */) is { Length: 4 } index ? BinaryPrimitives.ReadInt32LittleEndian(index) : 0;
            routes.Add(new Route(new IPNetwork(destination, route.DestinationLength), link));
        });
        return routes;
    }

    /// <summary>Waits for news of a joined group, at most 50 ms.</summary>
    public void WaitForNews()
    {
        fixed (byte* buffer = _receive)
        {
            // What it says does not matter: the caller looks for itself. A timeout or an overrun is a reason to look, too.
            _ = recv(_socket, buffer, _receive.Length, 0);
        }
    }

    public void Dispose()
    {
        _ = close(_socket);
    }

    private void Ask<T>(ushort type, T header, DumpEntry entry) where T : unmanaged
    {
        Begin(type, Dump, header);
        End();
        Transmit();
        _length = _count = 0;
        for (var done = false; !done;)
        {
            foreach (var (kind, body) in Receive())
            {
                if (kind == TypeDone)
                {
                    done = true;
                }
                else if (kind == TypeError)
                {
                    throw new Win32Exception(-BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(body)));
                }
                else
                {
                    var length = BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(body - 16));
                    entry(_receive.AsSpan(body, sizeof(T)), Attributes(body + sizeof(T), body - 16 + length));
                }
            }
        }
    }

    private static Link ToLink(ReadOnlySpan<byte> header, Dictionary<ushort, byte[]> attributes) => new(
        MemoryMarshal.Read<LinkHeader>(header).Index,
        Encoding.ASCII.GetString(attributes[3 /* IFLA_IFNAME */]).TrimEnd('\0'),
        attributes.GetValueOrDefault((ushort)4 /* IFLA_MTU */) is { Length: 4 } mtu ? BinaryPrimitives.ReadInt32LittleEndian(mtu) : 1500,
        attributes.GetValueOrDefault((ushort)16 /* IFLA_OPERSTATE */) is [6 /* IF_OPER_UP */]);

    private Dictionary<ushort, byte[]> Attributes(int from, int to)
    {
        Dictionary<ushort, byte[]> found = [];
        while (from + 4 <= to)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(_receive.AsSpan(from));
            if (length < 4)
            {
                break;
            }

            found[(ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_receive.AsSpan(from + 2)) & 0x3fff)] = _receive[(from + 4)..(from + length)];
            from += (length + 3) & ~3;
        }

        return found;
    }

    private void End()
    {
        if (_count > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_send.AsSpan(_message), _length - _message);
        }
    }

    private void Transmit()
    {
        fixed (byte* buffer = _send)
        {
            Check(send(_socket, buffer, _length, 0), "send to netlink");
        }
    }

    /// <summary>One datagram's messages: type, and where its body starts.</summary>
    private List<(ushort Type, int Body)> Receive()
    {
        nint length;
        fixed (byte* buffer = _receive)
        {
            while ((length = recv(_socket, buffer, _receive.Length, 0)) < 0)
            {
                if (Marshal.GetLastPInvokeError() is not (Interrupted or Again))
                {
                    throw new Win32Exception();
                }
            }
        }

        List<(ushort, int)> messages = [];
        for (var at = 0; at + 16 <= length;)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(_receive.AsSpan(at));
            messages.Add((BinaryPrimitives.ReadUInt16LittleEndian(_receive.AsSpan(at + 4)), at + 16));
            at += (size + 3) & ~3;
        }

        return messages;
    }

    private static int Check(nint result, string doing) => result >= 0
        ? (int)result
        : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot {doing}: {Marshal.GetLastPInvokeErrorMessage()}.");

    private delegate void DumpEntry(ReadOnlySpan<byte> header, Dictionary<ushort, byte[]> attributes);

    /// <param name="Up">Its operational state is up: packets pass.</param>
    internal sealed record Link(int Index, string Name, int Mtu, bool Up);

    /// <param name="Link">Index of the interface; 0 for none.</param>
    internal sealed record Route(IPNetwork Destination, int Link);

    /// <summary>struct ifinfomsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct LinkHeader
    {
        public byte Family;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint Change;
    }

    /// <summary>struct ifaddrmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct AddressHeader
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public int Index;
    }

    /// <summary>struct rtmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RouteHeader
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte TypeOfService;
        public byte Table;
        public byte Protocol;
        public byte Scope;
        public byte Type;
        public uint Flags;
    }

    /// <summary>struct ndmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NeighbourHeader
    {
        public byte Family;
        private readonly byte _pad1;
        private readonly ushort _pad2;
        public int Index;
        public ushort State;
        public byte Flags;
        public byte Type;
    }

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketAddress
    {
        public ushort Family;
        private readonly ushort _pad;
        private readonly uint _port;
        public uint Groups;
    }

    /// <summary>struct timeval on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        private readonly long _seconds;
        public long Microseconds;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int socket, SocketAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int name, TimeValue* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
