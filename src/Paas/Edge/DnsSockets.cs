using System.Net;
using System.Net.Sockets;

namespace Paas.Edge;

/// <summary>Sockets and the few facts of the wire format that forwarding needs (RFC 1035, 4).</summary>
internal static class DnsSockets
{
    /// <summary>A header alone, RFC 1035, 4.1.1.</summary>
    public const int HeaderSize = 12;

    /// <summary>EDNS lets a server send as much; more comes over TCP.</summary>
    public const int MaxDatagram = 4096;

    private const int SolIp = 0;
    private const int IpFreebind = 15;

    /// <summary>ip(7), IP_FREEBIND: the gateway's address may come after the edge.</summary>
    public static Socket Bind(IPEndPoint address, SocketType type)
    {
        var socket = new Socket(address.AddressFamily, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
            {
                socket.SetRawSocketOption(SolIp, IpFreebind, BitConverter.GetBytes(1));
            }

            if (type == SocketType.Stream)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            socket.Bind(address);
            if (type == SocketType.Stream)
            {
                socket.Listen(64);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static bool IsQuery(ReadOnlySpan<byte> message) => message.Length > HeaderSize && (message[2] & 0x80) == 0;

    /// <summary>Same id, and a response: what a socket connected to the upstream still has to check.</summary>
    public static bool Answers(ReadOnlySpan<byte> response, ReadOnlySpan<byte> query) =>
        response.Length >= HeaderSize && (response[2] & 0x80) != 0 && response[..2].SequenceEqual(query[..2]);

    /// <summary>The query back with RCODE 2 (SERVFAIL): no upstream answered, so the asker need not wait for its own timeout.</summary>
    public static byte[] Failed(ReadOnlySpan<byte> query)
    {
        var answer = query[..HeaderSize].ToArray();
        answer[2] |= 0x80;
        answer[3] = 0x80 | 2;
        answer.AsSpan(4, 8).Clear();
        return answer;
    }

    /// <summary>The upstream's address; port 53 unless it names one.</summary>
    public static IPEndPoint? Upstream(string text) =>
        IPEndPoint.TryParse(text, out var endpoint) ? new IPEndPoint(endpoint.Address, endpoint.Port == 0 ? 53 : endpoint.Port) : null;
}
