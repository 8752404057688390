using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Paas.Edge;

/// <summary>`paasd edge`: owns every public listener; keeps serving from its last table while control is away.</summary>
public static class EdgeRole
{
    /// <summary>Serves until the token, SIGTERM or SIGINT says stop, then lets requests in flight end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="State.UserError">"setting_invalid": the address cannot be listened on.</exception>
    public static async Task<int> RunAsync(EdgeOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var server = await StartAsync(options, stop.Token);
        try
        {
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(options.StopTimeout);
            await server.StopAsync(patience.Token);
        }

        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<EdgeServer> StartAsync(EdgeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await EdgeServer.StartAsync(options, TimeProvider.System, cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw EdgeOptions.Invalid($"Port {options.HttpPort} of {options.Bind} is taken by another program. Stop that one, or set PAAS_HTTP_PORT to a free port.");
        }
    }
}
