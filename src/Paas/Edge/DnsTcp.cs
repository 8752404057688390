using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Paas.Edge;

/// <summary>Queries over TCP, for answers that fit no datagram: two bytes of length before each message (RFC 7766, 8).</summary>
internal sealed class DnsTcp(Socket listener, Func<IReadOnlyList<string>> upstreams, DnsLimit limit)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync(cancellationToken);
                open.RemoveWhere(static task => task.IsCompleted);
                if (connection.RemoteEndPoint is IPEndPoint { Address: var asker } && limit.TryEnter(asker))
                {
                    open.Add(ServeAsync(connection, asker, cancellationToken));
                }
                else
                {
                    connection.Dispose();
                }
            }
        }
        finally
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket connection, IPAddress asker, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            while (true)
            {
                using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                idle.CancelAfter(Idle);
                var query = await ReadAsync(stream, idle.Token);
                if (!DnsSockets.IsQuery(query))
                {
                    return;
                }

                await WriteAsync(stream, await AskAsync(query, cancellationToken) ?? DnsSockets.Failed(query), idle.Token);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // Closed, silent for too long, or the edge stops.
        }
        finally
        {
            limit.Leave(asker);
        }
    }

    private async Task<byte[]?> AskAsync(byte[] query, CancellationToken cancellationToken)
    {
        foreach (var upstream in upstreams().Select(DnsSockets.Upstream).OfType<IPEndPoint>())
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                var socket = new Socket(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await using var stream = await OpenAsync(socket, upstream, patience.Token);
                await WriteAsync(stream, query, patience.Token);
                var answer = await ReadAsync(stream, patience.Token);
                if (DnsSockets.Answers(answer, query))
                {
                    return answer;
                }
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // Refused or broken off: the next one.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Silent for too long: the next one.
            }
        }

        return null;
    }

    private static async Task<NetworkStream> OpenAsync(Socket socket, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(upstream, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    private static async Task WriteAsync(NetworkStream stream, byte[] message, CancellationToken cancellationToken)
    {
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);
    }
}
