using System.Net;
using System.Net.Sockets;
using Paas.Routing;

namespace Paas.Edge;

/// <summary>DNS for instances on their gateway: hands each query to the host's own resolvers and the answer back, as it is.</summary>
internal sealed partial class DnsForwarder(TimeProvider time, ILogger<DnsForwarder> logger) : IAsyncDisposable
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);
    private readonly Lock _changing = new();
    private DnsTable _table = new(null, []);
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Listens where the table says from now on; the upstreams can change without a new listener.</summary>
    public void Use(DnsTable table)
    {
        lock (_changing)
        {
            var before = _table;
            _table = table;
            if (before.Listen == table.Listen)
            {
                return;
            }

            _stop.Cancel();
            _stop = new CancellationTokenSource();
            _running = table.Listen is { } listen && Parse(listen) is { } address
                ? Task.WhenAll(_running, ServeAsync(address, _stop.Token))
                : _running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        CancellationTokenSource stop;
        Task running;
        lock (_changing)
        {
            (stop, running) = (_stop, _running);
        }

        await stop.CancelAsync();
        await running;
    }

    private static IPEndPoint? Parse(string listen) =>
        IPEndPoint.TryParse(listen, out var endpoint) ? new IPEndPoint(endpoint.Address, endpoint.Port == 0 ? 53 : endpoint.Port) : null;

    private async Task ServeAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var said = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var udp = DnsSockets.Bind(address, SocketType.Dgram);
                using var tcp = DnsSockets.Bind(address, SocketType.Stream);
                LogServing(address);
                said = false;
                var limit = new DnsLimit();
                await Task.WhenAll(
                    new DnsUdp(udp, () => _table.Upstreams, limit).RunAsync(cancellationToken),
                    new DnsTcp(tcp, () => _table.Upstreams, limit).RunAsync(cancellationToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                if (!said)
                {
                    LogCannot(address, error.Message);
                    said = true;
                }
            }

            try
            {
                await Task.Delay(TryAgain, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Answering DNS on {Address}.")]
    private partial void LogServing(IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot answer DNS on {Address} ({Reason}); instances resolve no names until it works. Trying again every second.")]
    private partial void LogCannot(IPEndPoint address, string reason);
}
