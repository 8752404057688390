using System.Buffers;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Paas.Edge;

/// <summary>HTTP/2 with prior knowledge (RFC 9113, 3.3) on the port of HTTP/1.1. Kestrel speaks one or the other on a cleartext port:
/// this looks at the first bytes of a connection and hands those that open with HTTP/2's preface to a second, in-process endpoint.</summary>
internal sealed class PrefaceSwitch : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Kestrel gives a request's head as long.</summary>
    private static readonly TimeSpan FirstBytes = TimeSpan.FromSeconds(30);

    private readonly Channel<ConnectionContext> _connections = Channel.CreateBounded<ConnectionContext>(1024);

    /// <summary>To be listened on with HttpProtocols.Http2.</summary>
    public EndPoint Http2 { get; } = new InProcessEndPoint();

    public bool CanBind(EndPoint endpoint) => ReferenceEquals(endpoint, Http2);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(this));

    /// <summary>Connection middleware of the HTTP/1.1 endpoint.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate http1) => async connection =>
    {
        switch (await OpensWithPrefaceAsync(connection))
        {
            case true:
                await using (var handedOver = new HandedOver(connection))
                {
                    await _connections.Writer.WriteAsync(handedOver, connection.ConnectionClosed);
                    await handedOver.Ended;
                }

                break;
            case false:
                await http1(connection);
                break;
        }
    };

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Null: it ended or stayed silent.</summary>
    private static async ValueTask<bool?> OpensWithPrefaceAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(FirstBytes);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(patience.Token);
                var verdict = Judge(result.Buffer);
                if (verdict is null && !result.IsCompleted)
                {
                    input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                // Nothing is consumed and nothing examined: whoever reads next sees the same bytes at once.
                input.AdvanceTo(result.Buffer.Start);
                return verdict ?? (result.Buffer.IsEmpty ? null : false);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ConnectionResetException or ConnectionAbortedException or IOException)
        {
            return null;
        }
    }

    private static bool? Judge(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return !Preface.StartsWith(start[..length]) ? false : length == start.Length ? true : null;
    }

    private sealed class InProcessEndPoint : EndPoint
    {
        public override string ToString() => "http/2 by prior knowledge";
    }

    private sealed class Listener(PrefaceSwitch owner) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => owner.Http2;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbound.Token);
            try
            {
                return await owner._connections.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                return null;
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbound.CancelAsync();

        public ValueTask DisposeAsync()
        {
            _unbound.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The same connection for the second endpoint; its end gives it back to the first, which closes it.</summary>
    private sealed class HandedOver(ConnectionContext inner) : ConnectionContext
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public override System.IO.Pipelines.IDuplexPipe Transport { get; set; } = inner.Transport;

        public override string ConnectionId { get; set; } = inner.ConnectionId;

        public override IFeatureCollection Features { get; } = new FeatureCollection(inner.Features);

        public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

        public override CancellationToken ConnectionClosed { get; set; } = inner.ConnectionClosed;

        public override EndPoint? LocalEndPoint { get; set; } = inner.LocalEndPoint;

        public override EndPoint? RemoteEndPoint { get; set; } = inner.RemoteEndPoint;

        public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

        public override ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            return base.DisposeAsync();
        }
    }
}
