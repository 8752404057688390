using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Routing;

namespace Paas.Edge;

public sealed class DnsForwarderTests : IAsyncDisposable
{
    private static readonly byte[] Query = [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 0, 0, 1, 0, 1];
    private readonly DnsForwarder _dns = new(TimeProvider.System, NullLogger<DnsForwarder>.Instance);
    private readonly UdpClient _upstream = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly int _port = FreePort();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Upstream => $"127.0.0.1:{((IPEndPoint)_upstream.Client.LocalEndPoint!).Port}";

    public async ValueTask DisposeAsync()
    {
        await _dns.DisposeAsync();
        _upstream.Dispose();
    }

    [Fact]
    public async Task Query_goes_to_the_next_upstream_when_one_refuses_and_its_answer_comes_back_as_it_is()
    {
        _dns.Use(new DnsTable($"127.0.0.1:{_port}", [$"127.0.0.1:{FreePort()}", Upstream]));
        using var asker = new UdpClient();
        asker.Connect(IPAddress.Loopback, _port);
        await asker.SendAsync(Query, Stop);
        var asked = await _upstream.ReceiveAsync(Stop);
        Assert.Equal(Query, asked.Buffer);
        byte[] answer = [.. Query, 9, 9];
        answer[2] |= 0x80;
        await _upstream.SendAsync(answer, asked.RemoteEndPoint, Stop);
        Assert.Equal(answer, (await asker.ReceiveAsync(Stop)).Buffer);
    }

    [Fact]
    public async Task No_upstream_is_a_server_failure_at_once()
    {
        _dns.Use(new DnsTable($"127.0.0.1:{_port}", []));
        using var asker = new UdpClient();
        asker.Connect(IPAddress.Loopback, _port);
        await asker.SendAsync(Query, Stop);
        var answer = (await asker.ReceiveAsync(Stop)).Buffer;
        Assert.Equal((0xAB, 0xCD, 2), (answer[0], answer[1], answer[3] & 15));
    }

    [Fact]
    public async Task Queries_over_tcp_are_forwarded_over_tcp()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        _dns.Use(new DnsTable($"127.0.0.1:{_port}", [$"127.0.0.1:{((IPEndPoint)upstream.LocalEndpoint).Port}"]));
        byte[] framed = new byte[Query.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)Query.Length);
        Query.CopyTo(framed, 2);
        using var asker = new TcpClient();
        await asker.ConnectAsync(IPAddress.Loopback, _port, Stop);
        await asker.GetStream().WriteAsync(framed, Stop);
        using var asked = await upstream.AcceptTcpClientAsync(Stop);
        var received = new byte[framed.Length];
        await asked.GetStream().ReadExactlyAsync(received, Stop);
        Assert.Equal(framed, received);
        framed[4] |= 0x80;
        await asked.GetStream().WriteAsync(framed, Stop);
        var answer = new byte[framed.Length];
        await asker.GetStream().ReadExactlyAsync(answer, Stop);
        Assert.Equal(framed, answer);
    }

    [Fact]
    public async Task Next_table_moves_the_listener()
    {
        _dns.Use(new DnsTable($"127.0.0.1:{FreePort()}", []));
        _dns.Use(new DnsTable($"127.0.0.1:{_port}", [Upstream]));
        using var asker = new UdpClient();
        asker.Connect(IPAddress.Loopback, _port);
        await asker.SendAsync(Query, Stop);
        Assert.Equal(Query, (await _upstream.ReceiveAsync(Stop)).Buffer);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
