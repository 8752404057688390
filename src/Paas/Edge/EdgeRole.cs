namespace Paas.Edge;

/// <summary>`paasd edge`: owns every public listener; keeps serving from its last table while control is away.</summary>
public static class EdgeRole
{
    /// <summary>Serves until the token says stop, then lets requests in flight end.</summary>
    public static async Task RunAsync(EdgeOptions options, CancellationToken cancellationToken)
    {
        await using var server = await EdgeServer.StartAsync(options, TimeProvider.System, cancellationToken);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(options.StopTimeout);
            await server.StopAsync(patience.Token);
        }
    }
}
