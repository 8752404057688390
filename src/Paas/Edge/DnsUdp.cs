using System.Net;
using System.Net.Sockets;

namespace Paas.Edge;

/// <summary>Queries in one datagram each: every upstream in turn, on a socket and so a source port of its own (RFC 5452, 9.2).</summary>
internal sealed class DnsUdp(Socket socket, Func<IReadOnlyList<string>> upstreams, DnsLimit limit)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[DnsSockets.MaxDatagram];
        var anyone = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var asked = new HashSet<Task>();
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, cancellationToken);
                asked.RemoveWhere(static task => task.IsCompleted);
                var asker = (IPEndPoint)received.RemoteEndPoint;
                if (DnsSockets.IsQuery(buffer.AsSpan(0, received.ReceivedBytes)) && limit.TryEnter(asker.Address))
                {
                    asked.Add(AnswerAsync(buffer[..received.ReceivedBytes], asker, cancellationToken));
                }
            }
        }
        finally
        {
            await Task.WhenAll(asked);
        }
    }

    private async Task AnswerAsync(byte[] query, IPEndPoint asker, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AskAsync(query, cancellationToken) ?? DnsSockets.Failed(query);
            await socket.SendToAsync(answer, SocketFlags.None, asker, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The asker is gone or the edge stops: nobody is left to be told.
        }
        finally
        {
            limit.Leave(asker.Address);
        }
    }

    /// <summary>Null: no upstream answered.</summary>
    private async Task<ReadOnlyMemory<byte>?> AskAsync(byte[] query, CancellationToken cancellationToken)
    {
        foreach (var upstream in upstreams().Select(DnsSockets.Upstream).OfType<IPEndPoint>())
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                using var asking = new Socket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                await asking.ConnectAsync(upstream, patience.Token);
                await asking.SendAsync(query, patience.Token);
                var buffer = new byte[DnsSockets.MaxDatagram];
                while (true)
                {
                    var length = await asking.ReceiveAsync(buffer, patience.Token);
                    if (DnsSockets.Answers(buffer.AsSpan(0, length), query))
                    {
                        return buffer.AsMemory(0, length);
                    }
                }
            }
            catch (SocketException)
            {
                // Refused or unreachable: the next one.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Silent for too long: the next one.
            }
        }

        return null;
    }
}
