using System.Net.WebSockets;
using System.Text.Json;
using Paas.Client;
using Paas.Engine;
using Paas.Testing;

namespace Paas.Instances;

/// <summary>How a one-off ends when somebody else than its command ends it.</summary>
public sealed class RunSocketTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LiveApp _live = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _live = await LiveApp.StartAsync();
        _live.Paas.Engine.OnRun = async (_, _, cancellationToken) =>
        {
            _started.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                _ended.SetResult();
            }

            return new ExitInfo(0, DateTimeOffset.UnixEpoch, null);
        };
    }

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    [Fact]
    public async Task A_client_that_closes_cleanly_ends_the_command()
    {
        using var socket = await RunAsync();
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        await _ended.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
    }

    [Fact]
    public async Task A_stop_of_the_platform_ends_the_command_and_says_so()
    {
        using var socket = await RunAsync();
        _live.Get<IHostApplicationLifetime>().StopApplication();
        await _ended.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);

        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancelled);
        var ended = JsonSerializer.Deserialize(buffer.AsSpan(0, received.Count), ContractJson.Default.RunEnded)!;
        Assert.Equal((130, "The platform stops, and ended the command: run it again when it is back."), (ended.ExitCode, ended.Error));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
    }

    private async Task<ClientWebSocket> RunAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", _live.Paas.Api.DefaultRequestHeaders.Authorization!.ToString());
        var address = new UriBuilder(new Uri(_live.Paas.Api.BaseAddress!, "/api/v1/apps/hello/run")) { Scheme = "ws" }.Uri;
        await socket.ConnectAsync(address, Cancelled);
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new RunCommand(["sleep", "1000"]), ContractJson.Default.RunCommand), WebSocketMessageType.Text, true, Cancelled);
        await _started.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
        return socket;
    }
}
