using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Accounts;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Releases;
using Paas.State;

namespace Paas.Instances;

/// <summary>`paas run`: a one-off with the current release's image and config vars, its streams over a WebSocket.</summary>
internal static class RunSocket
{
    private const int Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string app, HttpContext http, ClaimsPrincipal user, AppStore apps, RolloutStore rollouts, ReleaseStore releases, IEngine engine, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var owner = apps.Get(Caller.Of(user).TeamId, app);
        if (rollouts.CurrentOf(owner.Id) is not { } current || releases.Find(owner.Id, current.Release) is not { } release)
        {
            throw new UserError("nothing_deployed", 409, $"Nothing has been deployed to {app} yet, so there is no image to run: push first.");
        }

        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw new UserError("websocket_required", 400, "Running a command needs a WebSocket: use `paas run`.");
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        if (await ReadCommandAsync(socket, cancellationToken) is not { } command)
        {
            await EndAsync(socket, new RunEnded(2, "There is no command to run. Example: paas run -- node --version"), cancellationToken);
            return;
        }

        // The client going away ends the one-off, and so does the platform's stop; only then is the client still there to be told.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var input = new SocketInput();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, lifetime.ApplicationStopping);
        var receiving = ReceiveAsync(socket, input, gone);
        var ended = await RunAsync(socket, SpecOf(owner, release, command), input, engine, stop.Token);
        if (lifetime.ApplicationStopping.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            ended = ended with { Error = "The platform stops, and ended the command: run it again when it is back." };
        }

        await EndAsync(socket, ended, cancellationToken);
        gone.CancelAfter(ClosePatience);
        await receiving;
    }

    private static RunSpec SpecOf(App app, Release release, RunCommand command)
    {
        var (entrypoint, args) = LaunchEnvironment.OneOff(release, command.Args);
        return new RunSpec
        {
            Id = $"{app.EngineName}.run.{Guid.NewGuid().ToString("N")[..8]}",
            App = app.EngineName,
            Image = release.Image,
            Entrypoint = entrypoint,
            Args = args,
            Env = LaunchEnvironment.Of(app, release, "run", port: null),
        };
    }

    private static async Task<RunEnded> RunAsync(WebSocket socket, RunSpec spec, SocketInput input, IEngine engine, CancellationToken cancellationToken)
    {
        using var sending = new SemaphoreSlim(1, 1);
        await using var output = new SocketOutput(socket, Stdout, sending);
        await using var error = new SocketOutput(socket, Stderr, sending);
        try
        {
            var exit = await engine.RunAsync(spec, new RunStreams(input.Reader, output, error), cancellationToken);
            return new RunEnded(exit.Code, exit.Cause);
        }
        catch (EngineException failed)
        {
            return new RunEnded(126, failed.Message);
        }
        catch (OperationCanceledException)
        {
            return new RunEnded(130, "The client went away.");
        }
        finally
        {
            input.End();
        }
    }

    /// <summary>Feeds stdin until its empty frame; a closed socket cancels the run.</summary>
    private static async Task ReceiveAsync(WebSocket socket, SocketInput input, CancellationTokenSource gone)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), gone.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    input.End();
                    await gone.CancelAsync();
                    return;
                }

                if (received.MessageType == WebSocketMessageType.Binary && received.Count > 0 && buffer[0] == Stdin)
                {
                    if (received.Count == 1)
                    {
                        input.End();
                    }
                    else
                    {
                        await input.WriteAsync(buffer.AsMemory(1, received.Count - 1), gone.Token);
                    }
                }
            }
        }
        catch (WebSocketException)
        {
            input.End();
            await gone.CancelAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            input.End();
        }
    }

    private static async Task<RunCommand?> ReadCommandAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (length < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += received.Count;
            if (received.EndOfMessage)
            {
                break;
            }
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), InstancesJson.Default.RunCommand) is { Args.Count: > 0 } command ? command : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task EndAsync(WebSocket socket, RunEnded ended, CancellationToken cancellationToken)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(ended, InstancesJson.Default.RunEnded), WebSocketMessageType.Text, true, cancellationToken);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunCommand))]
[JsonSerializable(typeof(RunEnded))]
internal sealed partial class InstancesJson : JsonSerializerContext;
