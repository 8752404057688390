using System.Net.WebSockets;
using System.Text.Json;

namespace Paas.Client;

/// <summary>One-off command over the WebSocket that <see cref="RunCommand"/> describes.</summary>
internal sealed class RunConnection(ApiConnection api)
{
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;

    public async Task<RunEnded> RunAsync(string path, RunCommand command, LocalStreams streams, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(path, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(command, ContractJson.Default.RunCommand), WebSocketMessageType.Text, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendInputAsync(socket, streams.Input, ended.Token);
        try
        {
            return await ReceiveAsync(socket, streams, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            // A read of a terminal does not end by cancellation: whoever waits for it waits for a key.
            if (sending.IsCompleted)
            {
                await sending.ConfigureAwait(false);
            }
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            if (api.Token is not null)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {api.Token}");
            }

            var address = new UriBuilder(new Uri(api.BaseAddress, path)) { Scheme = api.BaseAddress.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
            using var invoker = new HttpMessageInvoker(LoopbackNames.Handler(api.BaseAddress), disposeHandler: false);
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (WebSocketException refused)
        {
            socket.Dispose();
            // The refusal's body is lost in a handshake; asked without one, the platform says the same in words.
            await api.SendAsync(HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
            throw new HttpRequestException($"The connection for the command failed: {refused.Message}", refused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task SendInputAsync(ClientWebSocket socket, Stream? input, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        buffer[0] = Stdin;
        try
        {
            var length = 1;
            do
            {
                length = input is null ? 0 : await input.ReadAsync(buffer.AsMemory(1), cancellationToken).ConfigureAwait(false);
                await socket.SendAsync(buffer.AsMemory(0, length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            }
            while (length > 0);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or ObjectDisposedException or IOException)
        {
            // The command ended before its input did; the receiving side says how.
        }
    }

    private static async Task<RunEnded> ReceiveAsync(ClientWebSocket socket, LocalStreams streams, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        using var text = new MemoryStream();
        var to = (Stream?)null;
        var atStart = true;
        while (true)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            }
            catch (WebSocketException broken)
            {
                throw new HttpRequestException("The connection broke while the command ran.", broken);
            }

            switch (received.MessageType)
            {
                case WebSocketMessageType.Close:
                    throw new HttpRequestException("The platform closed the connection before the command ended.");
                case WebSocketMessageType.Text:
                    await text.WriteAsync(buffer.AsMemory(0, received.Count), cancellationToken).ConfigureAwait(false);
                    if (received.EndOfMessage)
                    {
                        return JsonSerializer.Deserialize(text.ToArray(), ContractJson.Default.RunEnded) ?? throw new HttpRequestException("The platform did not say how the command ended.");
                    }

                    break;
                default:
                    if (atStart && received.Count > 0)
                    {
                        to = buffer[0] switch { Stdout => streams.Output, Stderr => streams.Error, _ => Stream.Null };
                    }

                    if (to is not null)
                    {
                        await to.WriteAsync(buffer.AsMemory(atStart ? 1 : 0, Math.Max(0, received.Count - (atStart ? 1 : 0))), cancellationToken).ConfigureAwait(false);
                        await to.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }

                    break;
            }

            atStart = received.EndOfMessage;
        }
    }
}
